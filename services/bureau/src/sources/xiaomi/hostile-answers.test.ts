import { readRecord } from '@causeway/records';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { SourceFault } from '../source-fault.ts';
import type { Finding } from '../source.ts';
import { requestNumber } from './question.ts';
import { canonical, holdingOf, inquiry, moment, plainLoan, scored, world } from './xiaomi.fixture.ts';

const asOf = '2019-06-30';
const reqNo = requestNumber(inquiry);
const loans = [plainLoan, { ...plainLoan, loanNo: 'L-2', status: 'bad_debt' as const, days: 200 }];
const records = [scored(712, asOf, reqNo), ...loans.flatMap((loan) => canonical(loan, asOf, reqNo))];
let here: Awaited<ReturnType<typeof world>>;

beforeEach(async () => {
  here = await world([holdingOf(records)]);
});
afterEach(() => here.system.stop());

/** A finding, a fault of the closed set, or whatever else came. */
const outcome = (): Promise<unknown> =>
  here.source.find(here.byHandle, ['SCORE', 'ACCOUNT_SUMMARY'], moment()).catch((error: unknown) => error);

/** What is wrong with an outcome: nothing with a fault, or records that may enter and are in range. */
function wrongIn(found: unknown): unknown[] {
  if (found instanceof SourceFault) return [];
  if (found instanceof Error) return [found];
  return (found as Finding).records.filter((record) => {
    const score = record.record === 'score' ? (record.value ?? 300) : 300;
    return 'faults' in readRecord(record, 'person') || score < 300 || score > 850;
  });
}

const spoilt = (bytes: Uint8Array, at: number, flip: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ flip;
  return copy;
};

test('an answer that is cut anywhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), async (at) => {
      here.system.quirks.bytes = (reply) => reply.subarray(0, at % reply.length);
      expect(await outcome()).toBeInstanceOf(SourceFault);
    }),
    { numRuns: 150 },
  );
});

test('a flipped bit is a fault, or leaves records that may enter and are in range', async () => {
  const flips = fc.integer({ min: 0, max: 7 }).map((bit) => 1 << bit);
  await fc.assert(
    fc.asyncProperty(fc.nat(), flips, async (at, flip) => {
      here.system.quirks.bytes = (reply) => spoilt(reply, at, flip);
      expect(wrongIn(await outcome())).toEqual([]);
    }),
    { numRuns: 400 },
  );
});

test('a byte that another encoding left is refused: 0x80, 0xff, half a character, four bytes', async () => {
  for (const bytes of [[0x80], [0xff], [0xb3], [0x81, 0x30, 0x81, 0x30]]) {
    here.system.quirks.bytes = (reply) => {
      const end = Buffer.from(reply).indexOf('retMsg":"') + 'retMsg":"'.length;
      return Buffer.concat([reply.subarray(0, end), Buffer.from(bytes), reply.subarray(end)]);
    };
    expect(await outcome()).toMatchObject({ faultClass: 'upstream_error' });
  }
});

test.each([
  ['nothing', () => ''],
  ['no JSON', () => '<html>busy</html>'],
  ['null', () => 'null'],
  ['an array', () => '[]'],
  ['a key that stands twice', (json: string) => json.replace('"uid"', '"mixScore":850,"uid"')],
  [
    'a key that stands twice in an escape',
    (json: string) => json.replace('"uid"', '"mix\\u0053core":850,"uid"'),
  ],
  ['__proto__', (json: string) => json.replace('"uid"', '"__proto__":{"known":true},"uid"')],
  ['a member that nobody knows', (json: string) => json.replace('"uid"', '"limit":1,"uid"')],
  ['a number with a fraction', (json: string) => json.replace('712', '712.5')],
  ['a number that overflows', (json: string) => json.replace('712', '1e999')],
  ['NaN', (json: string) => json.replace('712', 'NaN')],
  ['loans that are none', (json: string) => json.replace(/"loans":\[.*?\}\]/u, '"loans":null')],
  ['no loans at all', (json: string) => json.replace(/"loans":\[.*?\}\],/u, '')],
  ['a loan number with a space', (json: string) => json.replace('L-1', 'L 1')],
  [
    'devices nested a thousand deep',
    (json: string) => json.replace('"devices":', `"devices":${'['.repeat(1e3)}`),
  ],
  ['ten thousand loans', (json: string) => json.replace('"loans":[', `"loans":[${'{},'.repeat(1e4)}`)],
  ['something behind its end', (json: string) => `${json}{}`],
])('data of %s are refused', async (_what, data) => {
  here.system.quirks.data = data;
  expect(await outcome()).toMatchObject({ faultClass: 'upstream_error' });
});

test.each([
  ['no reply', ''],
  ['another shape', '{"code":0}'],
  ['a success without data', '{"retCode":"0000","retMsg":"ok"}'],
  ['a code twice', '{"retCode":"2001","retCode":"0000"}'],
  ['a code as a number', '{"retCode":2001}'],
  ['nobody, with data', '{"retCode":"2001","data":"e30="}'],
])('a reply of %s is refused', async (_what, text) => {
  here.system.quirks.bytes = () => Buffer.from(text);
  expect(await outcome()).toMatchObject({ faultClass: 'upstream_error' });
});

test('any other JSON in the place of the data is a fault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      here.system.quirks.data = () => JSON.stringify(value).replaceAll(/[^\u0020-\u007e]/gu, '?');
      expect(await outcome()).toBeInstanceOf(SourceFault);
    }),
    { numRuns: 150 },
  );
});

test('a body of a gigabyte is left after eight megabytes', async () => {
  here.system.quirks.delivery = 'endless';
  expect(await outcome()).toMatchObject({ faultClass: 'upstream_error' });
});

test('an answer that drips ends at its time', async () => {
  const hasty = await world([holdingOf(records)], { timeout_ms: 300 });
  hasty.system.quirks.delivery = 'drip';
  await expect(hasty.source.find(hasty.byId, ['SCORE'], moment())).rejects.toMatchObject({
    faultClass: 'upstream_unavailable',
  });
  await hasty.system.stop();
});

test('a connection that ends amid the answer is no answer', async () => {
  here.system.quirks.delivery = 'cut';
  expect(await outcome()).toMatchObject({ faultClass: 'upstream_unavailable' });
});

test('who waits no more ends the question, and the system is not blamed', async () => {
  here.system.quirks.delivery = 'drip';
  const nobody = AbortSignal.timeout(50);
  await expect(here.source.find(here.byId, ['SCORE'], moment({ signal: nobody }))).rejects.toMatchObject({
    faultClass: 'upstream_unavailable',
  });
  expect(await here.source.health()).toMatchObject({ ok: true });
});
