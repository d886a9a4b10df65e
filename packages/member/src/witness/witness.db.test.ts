import {
  formatWitnessRequest,
  noteSigner,
  parseNote,
  parseSignatures,
  signNote,
  formatNote,
  verifyCosignatures,
} from '@causeway/ledger';
import type { App } from '@causeway/service';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { ledgerDatabase } from './ledger-tables.fixture.ts';
import type { LedgerDatabase } from './ledger-tables.fixture.ts';
import {
  clock,
  ledgerDirectory,
  ledgerSigner,
  post,
  TestLedger,
  witnessApp,
  witnessSigner,
} from './ledgers.fixture.ts';

let database: LedgerDatabase;
let outside: App;
/** The federation listener, where the caller is the ledger's operator. */
let inside: App;
let ledger: TestLedger;

beforeAll(async () => {
  database = await ledgerDatabase();
  outside = await witnessApp(database.pool, 'lotus');
  inside = await witnessApp(database.pool, 'lotus', { peer: 'central' });
});
beforeEach(async () => {
  await database.asOwner('TRUNCATE witnessed, ledger_alarm, ledger_alarm_closed');
  ledger = new TestLedger('central');
});
afterAll(async () => {
  await Promise.all([outside.close(), inside.close()]);
  await database.drop();
});

/** The request by which a ledger goes from one size to another. */
const request = (from: number, of = ledger, to = of.size): string =>
  formatWitnessRequest(from, of.proofOf(Math.min(from, to), to), of.note(to));

async function kept(): Promise<unknown> {
  const [seen, alarms] = await Promise.all([
    database.pool.query('SELECT origin, size, note FROM witnessed ORDER BY origin'),
    database.pool.query('SELECT kind, origin, detail FROM ledger_alarm ORDER BY id'),
  ]);
  return { seen: seen.rows, alarms: alarms.rows };
}

/** Posts what is refused; nothing may have been written. */
async function refused(body: string, app = outside): Promise<{ status: number; type: string; text: string }> {
  const before = await kept();
  const answer = await post(app, body);
  expect(await kept()).toEqual(before);
  return answer;
}

describe('a checkpoint that follows is cosigned', () => {
  test('at the first sight of its ledger, and from each size on', async () => {
    for (const more of [1, 5, 300]) {
      const from = ledger.size;
      ledger.grow(more);
      const { status, type, text } = await post(outside, request(from));
      expect([status, type]).toEqual([200, 'text/plain; charset=utf-8']);
      const note = { text: parseNote(ledger.note()).text, signatures: parseSignatures(text) };
      const { key } = witnessSigner('lotus');
      expect(verifyCosignatures(note, [key])).toEqual([{ key, time_s: clock.wallMs / 1000 }]);
    }
    const seen = [{ origin: 'causeway/test-fed/central', size: 306, note: ledger.note() }];
    expect(await kept()).toEqual({ seen, alarms: [] });
  });

  test('again where it is the newest already', async () => {
    await post(outside, request(0, ledger.grow(4)));
    expect((await post(outside, request(4))).status).toBe(200);
  });

  test('of an empty ledger, and then its first leaves', async () => {
    expect((await post(outside, formatWitnessRequest(0, [], ledger.note()))).status).toBe(200);
    expect((await post(outside, request(0, ledger.grow(4)))).status).toBe(200);
  });

  test('of a suspended member, too: its stops are acknowledged all the same', async () => {
    const view = ledgerDirectory({ central: { status: 'suspended' } });
    const app = await witnessApp(database.pool, 'lotus', { view });
    expect((await post(app, request(0, ledger.grow(2)))).status).toBe(200);
    await app.close();
  });

  test('what others wrote under the note is not kept', async () => {
    ledger.grow(2);
    const stranger = noteSigner('stranger.example', 'note', new Uint8Array(32).fill(9));
    const note = parseNote(ledger.note());
    const signatures = [...note.signatures, ...signNote(note.text, [stranger]).signatures];
    const body = formatWitnessRequest(0, [], formatNote({ ...note, signatures }));
    expect((await post(outside, body)).status).toBe(200);
    expect(await kept()).toMatchObject({ seen: [{ note: ledger.note() }] });
  });
});

describe('S47 400: what is not in the form', () => {
  test.each([
    ['nothing', () => '\n'],
    ['no old size', () => request(0).replace('old 0\n', '')],
    ['an old size with a leading zero', () => request(0).replace('old 0', 'old 00')],
    ['a negative old size', () => request(0).replace('old 0', 'old -1')],
    ['an old size above the checkpoint’s', () => request(0).replace('old 0', 'old 8')],
    ['a proof line that is no hash', () => request(0).replace('old 0\n', 'old 0\nAAAA\n')],
    ['64 proof lines', () => request(0).replace('old 0\n', `old 0\n${`${hash}\n`.repeat(64)}`)],
    ['carriage returns', () => request(0).replaceAll('\n', '\r\n')],
    ['no checkpoint', () => 'old 0\n\n'],
    ['a checkpoint without signatures', () => `${request(0).split('\n—')[0]}\n`],
  ])('%s', async (_what, body) => {
    ledger.grow(7);
    expect((await refused(body())).status).toBe(400);
  });

  const hash = Buffer.alloc(32).toString('base64');

  test('S66 413 too much, 415 another type', async () => {
    expect((await refused('x'.repeat(100_000))).status).toBe(413);
    const url = '/witness/add-checkpoint';
    const answer = await outside.inject({ method: 'POST', url, body: { old: 0 } });
    expect(answer.statusCode).toBe(415);
  });
});

describe('404 and 403: whose checkpoint it is', () => {
  test.each(['lender', 'nobody'])('404 the ledger of %s, who has none', async (member) => {
    expect((await refused(request(0, new TestLedger(member).grow(3)))).status).toBe(404);
  });

  test('404 another federation’s', async () => {
    const body = request(0, ledger.grow(3)).replaceAll('test-fed', 'other-fed');
    expect((await refused(body)).status).toBe(404);
  });

  test('403 signed by another member only', async () => {
    const note = parseNote(ledger.grow(3).note());
    const { signatures } = parseNote(new TestLedger('broker').grow(3).note());
    const body = formatWitnessRequest(0, [], formatNote({ ...note, signatures }));
    expect((await refused(body)).status).toBe(403);
  });

  test('403 another size under the signature, and a second, broken one by the same key', async () => {
    const body = request(0, ledger.grow(3));
    expect((await refused(body.replace('\n3\n', '\n4\n'))).status).toBe(403);
    const broken = new TestLedger('central', 'other').grow(3).note().split('\n\n')[1] ?? '';
    expect((await refused(`${body}${broken}`)).status).toBe(403);
  });
});

describe('409 and 422: what was seen before', () => {
  test('409 from another size tells the size that was seen', async () => {
    await post(outside, request(0, ledger.grow(5)));
    ledger.grow(4);
    for (const from of [0, 3, 6, 9]) {
      expect(await refused(request(from))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' });
    }
    expect((await post(outside, request(5))).status).toBe(200);
  });

  test('409 from any size but 0 where nothing was seen', async () => {
    expect(await refused(request(2, ledger.grow(5)))).toMatchObject({ status: 409, text: '0\n' });
  });

  test('S50 409 a size below: the witness never goes back', async () => {
    await post(outside, request(0, ledger.grow(9)));
    expect(await refused(request(0, ledger, 4))).toMatchObject({ status: 409, text: '9\n' });
    expect(await refused(request(4, ledger, 4))).toMatchObject({ status: 409, text: '9\n' });
  });

  test('422 a proof that does not hold, brought by anybody, is no evidence against the ledger', async () => {
    await post(outside, request(0, ledger.grow(5)));
    const proof = ledger.grow(4).proofOf(5);
    for (const wrong of [[], proof.slice(1), proof.toReversed(), [...proof, ...proof.slice(0, 1)]]) {
      expect((await refused(formatWitnessRequest(5, wrong, ledger.note()))).status).toBe(422);
    }
    expect((await post(outside, request(5))).status).toBe(200);
  });

  test('422 a proof from size 0, and an empty ledger with the root of another', async () => {
    ledger.grow(3);
    const body = formatWitnessRequest(0, ledger.proofOf(1), ledger.note());
    expect((await refused(body)).status).toBe(422);
    const text = parseNote(ledger.note()).text.replace('\n3\n', '\n0\n');
    const empty = formatNote(signNote(text, [ledgerSigner('central')]));
    expect((await post(outside, formatWitnessRequest(0, [], empty))).status).toBe(422);
    expect(await kept()).toMatchObject({ seen: [], alarms: [{ detail: { seen: null, got: empty } }] });
  });

  test('S52 422 another tree of the same size: both notes are kept, once, whoever brought them', async () => {
    await post(outside, request(0, ledger.grow(5)));
    const twin = new TestLedger('central', 'twin').grow(5);
    for (const [app, from, status] of [
      [outside, 5, 422],
      [inside, 5, 422],
      [outside, 0, 409],
    ] as const) {
      expect((await post(app, formatWitnessRequest(from, [], twin.note()))).status).toBe(status);
    }
    const detail = { seen: ledger.note(), got: twin.note() };
    const alarms = [{ kind: 'split_view', origin: 'causeway/test-fed/central', detail }];
    expect(await kept()).toMatchObject({ seen: [{ note: ledger.note() }], alarms });
  });

  test('S52 422 a larger tree by the operator that does not follow: both notes are kept', async () => {
    await post(inside, request(0, ledger.grow(5)));
    const twin = new TestLedger('central', 'twin').grow(12);
    expect((await post(inside, request(5, twin))).status).toBe(422);
    const detail = { seen: ledger.note(), got: twin.note() };
    expect(await kept()).toMatchObject({ seen: [{ size: 5 }], alarms: [{ kind: 'split_view', detail }] });
  });
});

test('S49 S52 instances at once never cosign two views, whatever comes in whatever order', async () => {
  const views = [new TestLedger('central').grow(12), new TestLedger('central', 'twin').grow(12)] as const;
  const other = await witnessApp(database.pool, 'lotus');
  const sent = fc.record({
    view: fc.constantFrom(...views),
    app: fc.constantFrom(outside, other),
    from: fc.nat(12),
    to: fc.integer({ min: 1, max: 12 }),
  });
  const runs = fc.asyncProperty(fc.array(sent, { minLength: 8, maxLength: 24 }), async (all) => {
    await database.asOwner('TRUNCATE witnessed');
    const bodies = all.map(({ view, from, to, app }) => ({
      view,
      app,
      body: request(Math.min(from, to), view, to),
    }));
    const first = views.map((view) => ({ view, app: outside, body: request(0, view, 1) }));
    const answers = await Promise.all(
      [...first, ...bodies].map(async ({ view, app, body }) => ({ view, ...(await post(app, body)) })),
    );
    const cosigned = new Set(answers.filter(({ status }) => status === 200).map(({ view }) => view));
    expect(cosigned.size).toBe(1);
  });
  await fc.assert(runs, { numRuns: 25 });
  await other.close();
});

describe('what was seen', () => {
  const seen = async (origin: string) =>
    await outside.inject({ url: `/witness/seen?origin=${encodeURIComponent(origin)}` });

  test('is told as the ledger signed it', async () => {
    await post(outside, request(0, ledger.grow(5)));
    const answer = await seen('causeway/test-fed/central');
    expect([answer.statusCode, answer.body]).toEqual([200, ledger.note()]);
  });

  test('of an origin never seen is 404, without one 400', async () => {
    expect((await seen('causeway/test-fed/central')).statusCode).toBe(404);
    expect((await outside.inject({ url: '/witness/seen' })).statusCode).toBe(400);
  });
});

test('the role of the service can take nothing back that it has witnessed', async () => {
  for (const text of [
    'DELETE FROM witnessed',
    'UPDATE ledger_alarm SET kind = kind',
    'DELETE FROM ledger_alarm',
  ])
    await expect(database.pool.query(text)).rejects.toMatchObject({ code: '42501' });
});
