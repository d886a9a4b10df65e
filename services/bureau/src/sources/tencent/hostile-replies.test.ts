import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

import { encodeStrict, readRecord } from '@causeway/records';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import type { Finding, NativeSource } from '../source.ts';
import { openTencent } from './open-tencent.ts';
import { clock, faultOf, liNa, moment, replying, settingsOf, world } from './tencent.fixture.ts';

const good = {
  Response: {
    Data: {
      Code: '0',
      CodeDesc: 'Success',
      Message: '成功',
      Found: '1',
      IdFound: '1',
      RiskScore: '37',
      RiskInfo: [{ RiskCode: '7', RiskCodeValue: '3', Amount: 123_456, OccurTime: 1_735_660_800 }],
      OtherModelScores: [
        { ModelId: '0', ModelScore: '37' },
        { ModelId: '1', ModelScore: '-1' },
      ],
      PostTime: '1763740800',
    },
    RequestId: 'febb48d4-761f-4032-9e99-f960fbbb4c79',
  },
};
const goodBytes = Buffer.from(JSON.stringify(good));

/** An answer of the model, or a fault: nothing else, and nothing impossible. */
async function unharmed(source: NativeSource): Promise<Finding | SourceFault> {
  const outcome = await source.find(liNa, ['WATCHLIST'], moment()).catch((error: unknown) => error);
  if (outcome instanceof SourceFault) return outcome;
  const finding = outcome as Finding;
  for (const record of finding.records) {
    expect(readRecord(record, 'person')).toMatchObject({ record });
  }
  const values = finding.records.flatMap((record) => (record.record === 'score' ? [record.value ?? 0] : []));
  expect(values.filter((value) => value < 0 || value > 100)).toEqual([]);
  return finding;
}

describe('a reply that came to harm', () => {
  it('the whole one is read', async () => {
    const { source, state } = await replying();
    state.reply = (response) => response.end(goodBytes);
    expect(await unharmed(source)).toMatchObject({ known: true, records: { length: 3 } });
  });

  it('cut at any byte, with a length that says so, is no JSON', async () => {
    const { source, state } = await replying();
    for (let at = 0; at < goodBytes.length; at += 1) {
      state.reply = (response) => response.end(goodBytes.subarray(0, at));
      expect((await faultOf(source.find(liNa, ['WATCHLIST'], moment()))).faultClass).toBe('upstream_error');
    }
  });

  it('cut off at any byte of the connection is no answer', async () => {
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${goodBytes.length}\r\nConnection: close\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head), goodBytes]);
    let at = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(whole.subarray(0, at)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { settings } = await world();
    const { port } = server.address() as AddressInfo;
    const source = openTencent(settingsOf({ ...settings, url: `http://127.0.0.1:${port}` }), { clock });
    for (at = 0; at < whole.length; at += 3) {
      const { faultClass } = await faultOf(source.find(liNa, ['WATCHLIST'], moment()));
      expect(faultClass).toBe('upstream_unavailable');
    }
    at = whole.length;
    expect(await unharmed(source)).toMatchObject({ known: true });
  });

  it('a flipped bit anywhere is a fault, or leaves something that the model allows', async () => {
    const { source, state } = await replying();
    let faults = 0;
    for (let at = 0; at < goodBytes.length * 8; at += 5) {
      const bytes = Buffer.from(goodBytes);
      bytes.writeUInt8((bytes[at >> 3] ?? 0) ^ (1 << (at & 7)), at >> 3);
      state.reply = (response) => response.end(bytes);
      if ((await unharmed(source)) instanceof SourceFault) faults += 1;
    }
    expect(faults).toBeGreaterThan(300);
  });

  it('any bytes at all are a fault', async () => {
    const { source, state } = await replying();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (bytes) => {
        state.reply = (response) => response.end(bytes);
        expect(await unharmed(source)).toBeInstanceOf(SourceFault);
      }),
      { numRuns: 150 },
    );
  });

  it('any JSON in the place of any member is a fault or harmless', async () => {
    const { source, state } = await replying();
    const names = [
      ...Object.keys(good.Response.Data),
      'RequestId',
      'Error',
      'Data',
      'toString',
      'constructor',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...names), fc.jsonValue(), async (name, value) => {
        const { Data, RequestId } = good.Response;
        const inner = { Data: { ...Data, [name]: value }, RequestId };
        const outer = { Data, RequestId, [name]: value };
        for (const Response of [inner, outer]) {
          state.reply = (response) => response.end(JSON.stringify({ Response }));
          expect(await unharmed(source)).toBeTypeOf('object');
        }
      }),
      { numRuns: 150 },
    );
  });
});

const text = goodBytes.toString();
const swap = (from: string, to: string): string => text.replace(from, () => to);

describe('a reply that is none', () => {
  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['a page', '<html>login</html>'],
    ['a byte order mark', `\u{feff}${text}`],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['GBK', encodeStrict(text, 'gbk')],
    ['half a character', Buffer.concat([goodBytes.subarray(0, 80), Buffer.of(0xe6), goodBytes.subarray(80)])],
    ['a lone surrogate', swap('成功', String.raw`\ud800`)],
    ['NUL', swap('成功', String.raw`\u0000`)],
    ['a member twice', swap('"RiskScore":"37"', '"RiskScore":"37","RiskScore":"1"')],
    [
      'a member twice, once escaped',
      swap('"RiskScore":"37"', String.raw`"RiskScore":"37","Risk\u0053core":"1"`),
    ],
    ['a prototype', swap('"Found":"1"', '"Found":"1","__proto__":{"RiskScore":"1"}')],
    ['a number beyond all', swap('"37"', '1e400')],
    ['a number that rounds', swap('"37"', '9007199254740993')],
    ['a number of a million digits', swap('"37"', '9'.repeat(1_000_000))],
    ['a text of 200,000 digits', swap('"37"', `"${'9'.repeat(200_000)}"`)],
    ['a fraction', swap('"37"', '37.5')],
    ['NaN', swap('"37"', 'NaN')],
    ['lists, 100,000 deep', `{"Response":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['objects, 100,000 deep', `{"Response":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`],
    ['an open end, 100,000 deep', '['.repeat(100_000)],
    ['a list of 10,000 risks', swap('"RiskInfo":[', `"RiskInfo":[${'{"RiskCode":"7"},'.repeat(10_000)}`)],
    ['something behind it', `${text} {}`],
    ['an array', '[]'],
    ['null', 'null'],
    ['a Response that is a text', '{"Response":"ok"}'],
    ['an Error that is a text', '{"Response":{"Error":"AuthFailure"}}'],
    ['no RequestId', swap(/"RequestId":"[^"]*"/u.exec(text)?.[0] ?? '', '"Other":"1"')],
    ['a RequestId that is a person', swap('febb48d4-761f-4032-9e99-f960fbbb4c79', '990000199003070013')],
  ])('%s is an upstream error', async (_what, body) => {
    const { source, state } = await replying();
    state.reply = (response) => response.end(body);
    const fault = await faultOf(source.find(liNa, ['WATCHLIST'], moment()));
    expect(fault.faultClass).toBe('upstream_error');
    expect(`${fault.message} ${fault.internal}`).not.toMatch(/37|990000/u);
  });

  it('members named like those of every object are members like any other', async () => {
    const { source, state } = await replying();
    const more = '"Found":"1","constructor":"x","toString":"y","hasOwnProperty":"z"';
    state.reply = (response) => response.end(swap('"Found":"1"', more));
    const finding = await source.find(liNa, ['WATCHLIST'], moment());
    expect(finding.notes.map(({ field }) => field)).toEqual(['constructor', 'toString', 'hasOwnProperty']);
    expect(finding.records).toHaveLength(3);
  });

  it('a member whose name is a number of somebody is noted without its name', async () => {
    const { source, state } = await replying();
    const more = '"Found":"1","ID990000199003070013":1,"T13800000000":1,"李娜":1';
    state.reply = (response) => response.end(swap('"Found":"1"', more));
    const { notes } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(notes).toEqual([{ field: 'unnamed', what: 'dropped' }]);
  });

  it('a thousand unknown members make no endless list', async () => {
    const { source, state } = await replying();
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`Field${letters(at)}`, at]));
    const Data = { ...good.Response.Data, ...many, 'a"b c': '李娜' };
    state.reply = (response) => response.end(JSON.stringify({ Response: { ...good.Response, Data } }));
    const { notes } = await source.find(liNa, ['WATCHLIST'], moment());
    expect(notes).toHaveLength(64);
  });
});

const letters = (at: number): string =>
  at.toString(26).replace(/[0-9]/gu, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');

describe('a reply without end', () => {
  it('of a gigabyte is left where it is', async () => {
    const { source, state } = await replying();
    const chunk = Buffer.alloc(1_048_576, ' ');
    let sent = 0;
    state.reply = (response) => {
      const more = (): void => {
        while (sent < 1024 && !response.destroyed) {
          sent += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end();
      };
      more();
    };
    const { faultClass } = await faultOf(source.find(liNa, ['WATCHLIST'], moment()));
    expect(faultClass).toBe('upstream_error');
    expect(sent).toBeLessThan(64);
  });

  it('that drips is given up in time', async () => {
    const { source, state } = await replying({ timeout_ms: 250 });
    state.reply = (response) => {
      let at = 0;
      const timer = setInterval(() => response.write(goodBytes.subarray(at, (at += 1))), 10);
      response.on('close', () => clearInterval(timer));
    };
    const start = performance.now();
    const { faultClass } = await faultOf(source.find(liNa, ['WATCHLIST'], moment()));
    expect(faultClass).toBe('upstream_unavailable');
    expect(performance.now() - start).toBeLessThan(3_000);
  });

  it('that never begins is given up as soon as nobody waits', async () => {
    const { source, state } = await replying();
    const asker = new AbortController();
    state.reply = () => asker.abort();
    const { faultClass } = await faultOf(source.find(liNa, ['SCORE'], moment({ signal: asker.signal })));
    expect(faultClass).toBe('upstream_unavailable');
  });
});
