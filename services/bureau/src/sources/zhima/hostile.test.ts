import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

import { readRecord } from '@causeway/records';
import { startZhima } from '@causeway/sandbox/natives/zhima/start-zhima';
import type { ZhimaSystem } from '@causeway/sandbox/natives/zhima/start-zhima';
import { noQuirks } from '@causeway/sandbox/natives/zhima/zhima-quirks';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import type { Finding, Moment } from '../source.ts';
import { faultOf, holdings, impostor, moment, open, subjectOf } from './zhima.fixture.ts';

let system: ZhimaSystem;
const charsets = ['utf-8', 'gbk'] as const;

beforeAll(async () => {
  system = await startZhima({ holdings });
});
afterAll(async () => await system.stop());
beforeEach(() => void Object.assign(system.quirks, noQuirks));

const ask = async (settings: object = {}, at: Moment = moment()): Promise<Finding> =>
  await open({ ...system.settings, ...settings }).find(
    subjectOf(system.roster, 'zhou-late'),
    ['WATCHLIST'],
    at,
  );

/** The finding, or the fault; anything else fails the test. */
async function outcomeOf(question: Promise<Finding>): Promise<Finding | SourceFault> {
  try {
    return await question;
  } catch (error) {
    if (error instanceof SourceFault) return error;
    throw error;
  }
}

const withoutNumber = (finding: Finding): string => JSON.stringify(finding).replaceAll(/ZM\d+/gu, 'ZM');
const statement = (text: string): ((inner: string) => string) => {
  return (inner) => inner.replace('"code":"AA', `"statement":${JSON.stringify(text)},"code":"AA`);
};

describe('bytes that something has changed', () => {
  test.each(charsets)('an answer in %s that is cut anywhere is a fault', async (charset) => {
    system.quirks.rewriteInner = statement('已还款誠');
    let length = 0;
    system.quirks.rewriteBody = (body) => {
      length = body.length;
      return body;
    };
    await ask({ charset });
    for (let at = 0; at < length; at += 1 + Math.floor(length / 60)) {
      system.quirks.rewriteBody = (body) => body.subarray(0, at);
      expect(await outcomeOf(ask({ charset }))).toBeInstanceOf(SourceFault);
    }
  });

  test.each(charsets)('one bit of an answer in %s is a fault, or changes nothing', async (charset) => {
    system.quirks.rewriteInner = statement('已还款誠');
    const whole = withoutNumber(await ask({ charset }));
    const places = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 7 }));
    const property = fc.asyncProperty(places, async ([at, bit]) => {
      system.quirks.rewriteBody = (body) => {
        const place = at % body.length;
        body[place] = (body[place] ?? 0) ^ (1 << bit);
        return body;
      };
      const outcome = await outcomeOf(ask({ charset }));
      expect(outcome instanceof SourceFault ? whole : withoutNumber(outcome)).toBe(whole);
    });
    await fc.assert(property, { numRuns: 100 });
  });

  test('bytes after the answer are a fault', async () => {
    system.quirks.rewriteBody = (body) => Buffer.concat([body, Buffer.from('{}')]);
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test('a second response beside the signed one is a fault', async () => {
    system.quirks.rewriteBody = (body) =>
      Buffer.concat([Buffer.from('{"error_response":{},'), body.subarray(1)]);
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test('the signed answer of another method is a fault', async () => {
    system.quirks.rewriteBody = (body) => {
      const text = body
        .toString('latin1')
        .replace('zhima_credit_watchlistii_get_', 'zhima_credit_score_get_');
      return Buffer.from(text, 'latin1');
    };
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test('a signed answer under the name for errors is a fault', async () => {
    system.quirks.rewriteBody = (body) => {
      const text = body.toString('latin1').replace('zhima_credit_watchlistii_get_response', 'error_response');
      return Buffer.from(text, 'latin1');
    };
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test.each([
    ['', 'an empty'],
    ['null', 'a null'],
    ['[]', 'an array'],
    ['<html>502</html>', 'an HTML page'],
  ])('%j, %s body is a fault', async (text) => {
    system.quirks.rewriteBody = () => Buffer.from(text);
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });
});

describe('JSON that is signed and hostile', () => {
  const inner = (members: string): string => `{"code":"10000","biz_no":"ZM1","is_matched":false,${members}}`;

  test.each([
    ['nesting of 100,000', inner(`"details":${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
    ['nesting of objects', inner(`"x":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`)],
    ['nesting that does not end', inner(`"x":${'['.repeat(100_000)}`)],
    ['a key twice', inner('"is_matched":true')],
    ['a key twice in two spellings', inner('"is\\u005fmatched":true')],
    ['__proto__', inner('"__proto__":{"details":[]}')],
    ['a number beyond all bounds', inner(`"level":1${'0'.repeat(400)}`)],
    ['a number with an exponent', inner('"level":1e999')],
    ['a fraction', inner('"level":0.5')],
    ['not a number', inner('"level":NaN')],
    ['half a character', inner('"x":"\\ud800"')],
    ['U+0000', inner('"x":"\\u0000"')],
    ['a bare control character', inner('"x":"\u0001"')],
    ['a comment', inner('"x":1/* */')],
    ['a comma too many', '{"code":"10000","biz_no":"ZM1","is_matched":false,}'],
    ['single quotes', "{'code':'10000'}"],
    ['an array for an object', '[]'],
    ['more details than any person has', inner(`"details":[${'{},'.repeat(600)}{}]`)],
    ['a number of an answer that is none', inner('"x":1').replace('ZM1', '../../etc')],
    ['a code that is an object', '{"code":{"a":1}}'],
  ])('%s is a fault', async (_what, text) => {
    system.quirks.rewriteInner = () => text;
    expect((await faultOf(ask())).faultClass).toBe('upstream_error');
  });

  test('whatever stands at any member, it is a fault or a sound record', async () => {
    const names = fc.constantFrom(
      ...['code', 'sub_code', 'biz_no', 'is_matched', 'details', 'biz_code', 'type', 'level', 'refresh_time'],
      ...['settlement', 'status', 'statement', 'extend_info', 'key', 'value', 'description'],
    );
    const values = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom('', null, 0, -1));
    const property = fc.asyncProperty(names, values, async (name, value) => {
      system.quirks.rewriteInner = (text) =>
        JSON.stringify(JSON.parse(text), (key, held: unknown) => (key === name ? value : held));
      const outcome = await outcomeOf(ask());
      const records = outcome instanceof SourceFault ? [] : outcome.records;
      expect(records.filter((record) => !('record' in readRecord(record, 'person')))).toEqual([]);
    });
    await fc.assert(property, { numRuns: 120 });
  });

  test('no fault repeats what came', async () => {
    system.quirks.rewriteInner = () => inner('"details":"张三 13800000000"');
    const fault = await faultOf(ask());
    expect(JSON.stringify([fault.message, fault.internal, fault.native, fault.stack])).not.toMatch(
      /张三|138/u,
    );
  });
});

describe('a connection that does not end well', () => {
  const from = async (
    listener: (response: ServerResponse) => unknown,
    settings: object = {},
    at: Moment = moment(),
  ): Promise<SourceFault> => {
    const other = await impostor((_request, response) => void listener(response));
    try {
      return await faultOf(ask({ url: other.url, ...settings }, at));
    } finally {
      other.stop();
    }
  };

  test('a body of 1 GB is not read to its end', async () => {
    let sent = 0;
    const mebibyte = Buffer.alloc(1 << 20, 0x20);
    const fault = await from(async (response) => {
      response.on('error', () => undefined);
      const gone = once(response, 'close');
      while (sent < 1 << 30 && !response.destroyed) {
        sent += mebibyte.length;
        if (!response.write(mebibyte)) await Promise.race([once(response, 'drain'), gone]);
      }
    });
    expect(fault.faultClass).toBe('upstream_error');
    expect(sent).toBeLessThan(64 << 20);
  });

  test('an answer that drips is given up at its time', async () => {
    const fault = await from(
      (response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { timeout_ms: 200 },
    );
    expect(fault.faultClass).toBe('upstream_unavailable');
  });

  test('a gateway that says nothing is given up at its time', async () => {
    expect((await from(() => undefined, { timeout_ms: 200 })).faultClass).toBe('upstream_unavailable');
  });

  test('nobody waits any more: the question ends', async () => {
    const signal = AbortSignal.timeout(100);
    expect((await from(() => undefined, {}, moment({ signal }))).faultClass).toBe('upstream_unavailable');
  });

  test('a connection that breaks in the middle', async () => {
    const fault = await from((response) => {
      response.writeHead(200, { 'content-length': '1000' }).write('{"zhima_credit');
      setImmediate(() => response.destroy());
    });
    expect(fault.faultClass).toBe('upstream_unavailable');
  });

  test('nobody listens', async () => {
    const gone = await impostor(() => undefined);
    gone.stop();
    expect((await faultOf(ask({ url: gone.url }))).faultClass).toBe('upstream_unavailable');
  });

  test('compressed bytes that nobody asked for are not unpacked', async () => {
    const fault = await from((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1 << 24, 0x20)));
    });
    expect(fault.faultClass).toBe('upstream_error');
  });
});
