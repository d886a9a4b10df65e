import type { ClaimsOf } from '@causeway/protocol';
import { categories as allCategories, projectRecord } from '@causeway/records';
import type { CreditRecord } from '@causeway/records';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { World } from '../test-world.ts';
import { claimsOf, createWorld } from '../test-world.ts';
import { asOf } from './as-of.ts';
import { addMark, endMark } from './marks.ts';
import { sweepRecords } from './sweep.ts';
import { late, line, loans, publish, refOfResident } from './test-publishing.ts';
import type { Line } from './test-publishing.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
});

beforeEach(async () => {
  await world.reset();
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

const ref = refOfResident();
const wide = allCategories.filter((each) => !['FINANCIALS', 'OWNERSHIP', 'CONDITIONAL'].includes(each));

async function disclosed(): Promise<ClaimsOf<'disclosure'>> {
  const inquiry = world.inquiry({ categories: wide, subject_ref: ref });
  const grant = world.grant(inquiry, { categories: wide, subject_ref: ref });
  const { results } = await world.ask([{ inquiry, grant }]);
  return claimsOf('disclosure', results[0]?.disclosure ?? '');
}

const rebuilt = async (atMs: number) => await asOf(world.bureau.db, world.bureau.life(), ref, atMs);
const nameOf = ({ source_record_id, version }: { source_record_id: string; version?: number }): string =>
  `${source_record_id} ${version}`;

type Act =
  | { readonly act: 'report'; readonly change: Line }
  | { readonly act: 'mark' | 'unmark' | 'sweep' }
  | { readonly act: 'wait'; readonly days: number };

const report = fc.record({
  act: fc.constant('report' as const),
  change: fc.record({
    no: fc.constantFrom('L1', 'L2'),
    balance: fc.constantFrom('1.00', '2.00'),
    on: fc.constantFrom('2026-10-31', '2026-11-01', '2026-11-02'),
    code: fc.constantFrom('', 'L', 'D'),
    to: fc.constantFrom('', '2021-11-15', '2021-12-20', '2022-02'),
    overdue: fc.constantFrom('', '500.00', '20000.00'),
  }),
});
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: report },
    { weight: 2, arbitrary: fc.constantFrom<Act>({ act: 'mark' }, { act: 'unmark' }, { act: 'sweep' }) },
    { weight: 2, arbitrary: fc.nat(40).map((days): Act => ({ act: 'wait', days })) },
  ),
  { minLength: 3, maxLength: 10 },
);

/** Does what an act says, as far as it can be done; marks that were made are remembered. */
async function perform(act: Act, marks: string[]): Promise<void> {
  if (act.act === 'wait') return world.clock.advance(act.days * 86_400_000);
  if (act.act === 'sweep') return void (await sweepRecords(world.bureau));
  if (act.act === 'report') {
    const { code } = act.change;
    await publish(world, loans, code === 'L' ? late(act.change) : line({ ...act.change, to: '' }));
    return;
  }
  const ids = marks.splice(0, act.act === 'unmark' ? 1 : 0);
  const refused = () => undefined;
  for (const id of ids) await endMark(world.bureau, id).catch(refused);
  if (act.act === 'unmark') return;
  const keys = [{ subjectRef: ref, record: 'account' as const, sourceRecordId: 'L1' }];
  const id = await addMark(world.bureau, keys, { kind: 'dispute_mark' }).catch(refused);
  if (id !== undefined) marks.push(id);
}

describe('the store at a past moment', () => {
  it('holds what a disclosure held then, after any history of reports, deletions and marks', async () => {
    await fc.assert(
      fc.asyncProperty(acts, async (history) => {
        await world.reset();
        const moments: { at: number; records: readonly CreditRecord[] }[] = [];
        const marks: string[] = [];
        for (const act of history) {
          world.clock.advance(1000);
          await perform(act, marks);
          moments.push({ at: world.clock.now(), records: (await disclosed()).records });
        }
        for (const { at, records } of moments) {
          const then = await rebuilt(at);
          const gone = new Set(then.erased.map(nameOf));
          const shown = then.records.map((record) => projectRecord(record, wide));
          expect(shown).toEqual(records.filter((record) => !gone.has(nameOf(record))));
          expect(records.filter((record) => gone.has(nameOf(record))).map(nameOf)).toEqual([...gone]);
        }
      }),
      { numRuns: 15 },
    );
  });

  it('tells of a record that was deleted since by its digest only', async () => {
    await publish(world, loans, line({ balance: '7654.00' }));
    const at = world.clock.now();
    world.clock.advance(1000);
    await publish(world, loans, line({ code: 'D' }));
    const then = await rebuilt(at);
    expect(then).toMatchObject({
      ...{ known: true, records: [], withheld: [] },
      erased: [{ record: 'account', source_record_id: 'L1', version: 1, rule: 'provider.deletion' }],
    });
    expect(JSON.stringify(then)).not.toContain('7654');
    expect((await rebuilt(world.clock.now())).erased).toEqual([]);
  });

  it('says what was held and not shown, and why', async () => {
    await publish(world, loans, late(), line({ no: 'L2' }));
    world.clock.advance(60 * 86_400_000);
    expect(await rebuilt(world.clock.now())).toMatchObject({
      records: [{ source_record_id: 'L2' }],
      withheld: [{ source_record_id: 'L1', version: 1, state: 'expired' }],
    });
  });

  it('between its end and its burial holds what was shown then: nothing', async () => {
    await publish(world, loans, late());
    world.clock.advance(60 * 86_400_000);
    const at = world.clock.now();
    world.clock.advance(1000);
    await sweepRecords(world.bureau);
    expect(await world.count('tombstone')).toBe(1);
    expect(await rebuilt(at)).toMatchObject({ records: [], withheld: [], erased: [] });
  });

  it('before anything was stored, and of nobody, is empty', async () => {
    await publish(world, loans, line());
    const nothing = { records: [], overridden: [], withheld: [], erased: [] };
    expect(await rebuilt(world.clock.now() - 1)).toEqual({ known: true, ...nothing });
    expect(await asOf(world.bureau.db, world.bureau.life(), 'nobody', world.clock.now())).toEqual({
      known: false,
      ...nothing,
    });
  });
});
