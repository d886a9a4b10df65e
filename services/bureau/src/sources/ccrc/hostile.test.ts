import type { CreditRecord } from '@causeway/records';
import { encodeStrict } from '@causeway/records/encodings';
import { readRecord } from '@causeway/records/faults';
import { newCredentials } from '@causeway/sandbox/natives/ccrc/credentials';
import { usualQuirks } from '@causeway/sandbox/natives/ccrc/quirks';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Finding } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { pseudonymsUnder } from './pseudonyms.ts';
import { readReply } from './reply.ts';
import { personalRecords } from './test-expressible.ts';
import { account, answerOf, askChanged, faultOf, nowMs, openWorld, reportIn } from './test-registry.ts';
import type { World } from './test-registry.ts';

let world: World;
let honest: Finding;

beforeAll(async () => {
  world = await openWorld('li-na', {}, { timeout_ms: 2000 });
});
afterAll(async () => await world.close());
beforeEach(async () => {
  Object.assign(world.system.quirks, usualQuirks);
  world.system.failure = undefined;
  world.hold(account);
  honest = await world.ask();
  world.system.requests.length = 0;
});

/** The body of an honest answer, and how it is read without a signature to protect it. */
async function captured(): Promise<{ body: Buffer; read: (body: Uint8Array) => Finding | SourceFault }> {
  const body = await answerOf(world);
  const [entry] = world.system.roster;
  const expected = {
    subject: { identifier: { scheme: 'gb11643', value: entry?.id ?? '' } as const },
    messageId: world.system.requests.at(-1)?.messageId ?? '',
    answerKey: undefined,
    pseudonyms: pseudonymsUnder('A'.repeat(43)),
  };
  const headers = { 'content-type': 'text/xml; charset=GB18030' };
  const read = (bytes: Uint8Array): Finding | SourceFault => {
    try {
      return readReply({ status: 200, headers, body: Buffer.from(bytes) }, expected);
    } catch (error) {
      if (error instanceof SourceFault) return error;
      throw error;
    }
  };
  return { body, read };
}

test('an answer that is cut at any byte is a fault, and never a part of a report', async () => {
  const { body, read } = await captured();
  const found = Array.from({ length: body.length }, (_, at) => read(body.subarray(0, at)));
  expect(found.filter((one) => !(one instanceof SourceFault))).toEqual([]);
  expect(read(body)).toMatchObject({ known: true, records: [{ account_ref: 'ACC-1' }] });
});

test.each([0, 1, 500])('a connection that ends after %i bytes is upstream_unavailable', async (after) => {
  world.system.failure = { kind: 'cut', after };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_unavailable');
});

test('a flipped bit anywhere in a signed answer is signature_invalid: no value is ever altered', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 7 }), async (place, bit) => {
      world.system.failure = {
        kind: 'tampered',
        change: (body) => {
          const at = place % body.length;
          body.writeUInt8(body.readUInt8(at) ^ (1 << bit), at);
          return body;
        },
      };
      expect((await faultOf(world.ask())).faultClass).toBe('signature_invalid');
    }),
    { numRuns: 40 },
  );
});

test('without a signature a flipped bit may tell something else, but never crashes the reader', async () => {
  const { body, read } = await captured();
  fc.assert(
    fc.property(fc.nat(body.length - 1), fc.integer({ min: 0, max: 7 }), (at, bit) => {
      const changed = Buffer.from(body);
      changed.writeUInt8(changed.readUInt8(at) ^ (1 << bit), at);
      expect(harmOf(read(changed))).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

const oddities = [
  ...[
    '',
    '--',
    '-1',
    '1,2,3',
    '１２',
    '2024-02-30',
    '0000',
    '0005-01',
    '2026-13',
    '9'.repeat(40),
    'D1',
    '1e9',
  ],
  ...[
    'NaN',
    'constructor',
    '__proto__',
    '9999-12-31T23:59:59-12:00',
    '0000-01-01T00:00:00',
    '中'.repeat(2000),
  ],
];

/** A report with many kinds of tags, its histories cut short. */
function variety(): CreditRecord[] {
  const records = fc.sample(personalRecords, { numRuns: 3, seed: 1 }).flat();
  return records.map((record) =>
    record.record === 'account' && record.history !== undefined
      ? { ...record, history: { to: record.history.to, states: record.history.states.slice(-2) } }
      : record,
  );
}

test('any text in any place gives records of the model or none', async () => {
  world.hold(...variety());
  const { body, read } = await captured();
  const outer = body.toString('latin1');
  const report = reportIn(body);
  const packed = Buffer.from(encodeStrict(report, 'gb18030')).toString('base64');
  const places = new Map(
    [...report.matchAll(/(?<=<(\w+)>)[^<>]*(?=<\/)/gu)].map((found) => [found[1], found]),
  );
  const plain = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[<&>\p{C}]/gu, ''));
  const drawn = fc.sample(plain, { numRuns: 5, seed: 2 });
  expect(places.size).toBeGreaterThan(80);
  const odd = [...oddities, ...drawn];
  const harm = [...places.values()].flatMap(({ 0: old, index }, at) =>
    [0, 7, 14].flatMap((further) => {
      const text = odd[(at + further) % odd.length] ?? '';
      const changed = report.slice(0, index) + text + report.slice(index + old.length);
      const repacked = Buffer.from(encodeStrict(changed, 'gb18030')).toString('base64');
      return harmOf(read(Buffer.from(outer.replace(packed, repacked), 'latin1')));
    }),
  );
  expect(harm).toEqual([]);
});

/** What is not a record of the model in a finding; a fault does no harm. */
function harmOf(found: Finding | SourceFault): unknown[] {
  if (found instanceof SourceFault) return [];
  return found.records.filter((record) => 'faults' in readRecord(record, 'person'));
}

const start = '<?xml version="1.0" encoding="GB18030"?>';
const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join(
  '',
);

test.each([
  ['a DOCTYPE', `${start}<!DOCTYPE d><Document/>`],
  ['a billion laughs', `${start}<!DOCTYPE d [<!ENTITY l0 "ha">${laughs}]><Document>&l9;</Document>`],
  [
    'an external entity',
    `${start}<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document>&x;</Document>`,
  ],
  ['an entity of its own', `${start}<Document>&nbsp;</Document>`],
  ['a nesting of 100,000', `${start}${'<a>'.repeat(100_000)}`],
  ['an attribute of a megabyte', `${start}<Document a="${'x'.repeat(1_000_000)}"/>`],
  ['an attribute twice', `${start}<Document a="1" a="2"/>`],
  ['300,000 elements', `${start}<Document>${'<a/>'.repeat(300_000)}</Document>`],
  ['text beside elements', `${start}<Document>text<a/></Document>`],
  ['a processing instruction', `${start}<?php x?><Document/>`],
  ['two roots', `${start}<Document/><Document/>`],
  ['no root', start],
  ['another root', `${start}<Dokument/>`],
  ['a report without a head', `${start}<Document/>`],
  ['an encoding that is none', '<?xml version="1.0" encoding="EBCDIC"?><Document/>'],
  ['XML 1.1', '<?xml version="1.1" encoding="GB18030"?><Document/>'],
])('a report with %s is upstream_error', async (_, report) => {
  world.system.failure = { kind: 'report', report: Buffer.from(report) };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test.each([
  ['bytes that GB18030 does not have', [0x80, 0xff, 0xff]],
  ['half a character', [0xd6]],
])('a report with %s is upstream_error', async (_, bytes) => {
  const report = Buffer.concat([
    Buffer.from(`${start}<Document>`),
    Buffer.from(bytes),
    Buffer.from('</Document>'),
  ]);
  world.system.failure = { kind: 'report', report };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test('a report in another encoding than it declares is refused', async () => {
  Object.assign(world.system.quirks, { encoding: 'gb18030', declares: 'UTF-8' });
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test.each([
  ['a character that base64 lacks', (packed: string) => `*${packed}`],
  ['a padding too many', (packed: string) => `${packed}====`],
  ['another alphabet', (packed: string) => `${packed.slice(0, -4)}-_==`],
  ['nothing', () => ''],
])('a report in base64 with %s is refused, though it is signed', async (_, change) => {
  const body = (await answerOf(world)).toString('latin1');
  const [, packed = ''] = /base64">([^<]*)</u.exec(body) ?? [];
  world.system.failure = { kind: 'body', body: Buffer.from(body.replace(packed, change(packed)), 'latin1') };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test.each(['gzip', ''])('a report that is packed as "%s" is not guessed at', async (attribute) => {
  world.system.failure = { kind: 'report', report: Buffer.from('x'), attribute };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test('a body of a gigabyte is left after the first megabytes', async () => {
  world.system.failure = { kind: 'flood', bytes: 2 ** 30 };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test.each([
  ['drips', { kind: 'drip', everyMs: 50, bytes: 1 }],
  ['never comes', { kind: 'hang' }],
] as const)('an answer that %s is given up in time', async (_, failure) => {
  const hasty = await openWorld('li-na', {}, { timeout_ms: 300 });
  hasty.hold(account);
  hasty.system.failure = failure;
  expect((await faultOf(hasty.ask())).faultClass).toBe('upstream_unavailable');
  await hasty.close();
});

test('nobody waits: the question ends at once, long before its time', { timeout: 5000 }, async () => {
  const patient = await openWorld('li-na', {}, { timeout_ms: 15_000 });
  patient.system.failure = { kind: 'hang' };
  const waiting = new AbortController();
  const asked = faultOf(patient.ask({}, { signal: waiting.signal }));
  waiting.abort();
  expect((await asked).faultClass).toBe('upstream_unavailable');
  await patient.close();
});

test('a source that is closed asks nothing more', async () => {
  const closed = await openWorld('li-na');
  await closed.source.close();
  expect((await faultOf(closed.ask())).faultClass).toBe('upstream_unavailable');
  expect(closed.system.requests).toEqual([]);
  await closed.system.stop();
});

test.each([undefined, '', 'AAAA', '*'])('an answer signed with %j is signature_invalid', async (value) => {
  world.system.failure = { kind: 'signature', value };
  expect((await faultOf(world.ask())).faultClass).toBe('signature_invalid');
});

test('an honest answer to an older question is no answer to this one', async () => {
  const { body } = await captured();
  world.system.failure = { kind: 'body', body };
  expect((await faultOf(world.ask({}, { nowMs: nowMs + 1 }))).faultClass).toBe('upstream_error');
});

test('a report about another person is refused, whoever signed it', async () => {
  const other = await openWorld('wang-thin');
  other.hold(account);
  const theirs = reportIn(await answerOf(other));
  await other.close();
  world.system.failure = { kind: 'report', report: encodeStrict(theirs, 'gb18030') };
  expect((await faultOf(world.ask())).faultClass).toBe('upstream_error');
});

test('a report with the right name and another number is refused', async () => {
  const asked = askChanged(world, (report) => report.replaceAll('99000019900307003X', '990000199003070013'));
  expect((await faultOf(asked)).faultClass).toBe('upstream_error');
});

test('a report with the right number and another name is refused', async () => {
  const asked = askChanged(world, (report) => report.replace('李娜', '李四'));
  expect((await faultOf(asked)).faultClass).toBe('upstream_error');
});

test.each([
  [301, 'upstream_error'],
  [307, 'upstream_error'],
  [404, 'upstream_error'],
  [401, 'not_authorised'],
  [403, 'not_authorised'],
  [429, 'rate_limited'],
  [500, 'upstream_unavailable'],
  [503, 'upstream_unavailable'],
])('HTTP status %i is %s, and a redirect is not followed', async (status, faultClass) => {
  world.system.failure = { kind: 'status', status, headers: { location: '/elsewhere' } };
  expect((await faultOf(world.ask())).faultClass).toBe(faultClass);
  expect(world.system.requests).toHaveLength(1);
});

test('a registry with a certificate of another authority is not asked', async () => {
  const stranger = newCredentials(nowMs);
  const tls = { ...world.system.credentials.client, ca: stranger.ca };
  const wary = await openWorld('li-na', {}, { tls });
  expect((await faultOf(wary.ask())).faultClass).toBe('upstream_unavailable');
  expect(wary.system.requests).toEqual([]);
  expect((await wary.source.health()).ok).toBe(false);
  await wary.close();
});

test('a client with a certificate of another authority gets nothing', async () => {
  const { client } = newCredentials(nowMs);
  const unknown = await openWorld('li-na', {}, { tls: { ...client, ca: world.system.credentials.ca } });
  expect((await faultOf(unknown.ask())).faultClass).toBe('upstream_unavailable');
  expect(unknown.system.requests).toEqual([]);
  await unknown.close();
});

test('after all of that the next honest answer is what it was', async () => {
  const again = await world.ask();
  const number = (finding: Finding): string => finding.records[0]?.source_record_id ?? '';
  expect(again).toEqual({
    ...honest,
    records: honest.records.map((record) => ({ ...record, source_record_id: number(again) })),
  });
});
