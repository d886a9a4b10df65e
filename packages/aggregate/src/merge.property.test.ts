import { anyRecord } from '@causeway/records/record-arbitraries.fixture';
import type { CreditRecord } from '@causeway/records';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answered } from './disclosures.fixture.ts';
import { merge } from './merge.ts';
import { itemsOf } from './rows.ts';

const bureaus = ['central', 'harbour', 'lotus', 'ocean'] as const;

/** What each of some bureaus holds; the ids within a bureau are its own. */
const holdings = fc.subarray([...bureaus], { minLength: 1 }).chain((some) =>
  fc.tuple(
    ...some.map((bureau) =>
      fc.array(anyRecord, { maxLength: 5 }).map((records) => ({
        bureau,
        records: records.map((record, at): CreditRecord => ({ ...record, record_id: `r${at}` })),
      })),
    ),
  ),
);

interface Row {
  readonly record: string;
  readonly sources: readonly { bureau: string; record_id: string; disclosure: string }[];
}

describe('a merge of records of all kinds', () => {
  test('every record of every bureau stands in one row, with its bureau and its disclosure', () => {
    fc.assert(
      fc.property(holdings, (held) => {
        const rows = held.map(({ bureau, records }) => answered(bureau, records));
        const { merged } = merge(rows);
        const { same_debts: _, ...lists } = merged;
        const said = Object.values<readonly Row[]>(lists).flat();
        const sources = said.flatMap((row) =>
          row.sources.map(
            (source) => `${row.record} ${source.bureau} ${source.record_id} ${source.disclosure}`,
          ),
        );
        const given = itemsOf(rows).map(
          ({ bureau, record, disclosure }) => `${record.record} ${bureau} ${record.record_id} ${disclosure}`,
        );
        expect(sources.toSorted()).toEqual(given.toSorted());
      }),
      { numRuns: 60 },
    );
  });

  test('a row of one record is that record, unchanged, whatever its kind', () => {
    fc.assert(
      fc.property(anyRecord, (record) => {
        const { merged } = merge([answered('central', [record])]);
        const { same_debts: _, ...lists } = merged;
        const [row] = Object.values<readonly Row[]>(lists).flat();
        const { sources: __, ...rest } = { ...row };
        expect(rest).toEqual(record);
      }),
      { numRuns: 60 },
    );
  });

  test('the order of bureaus, and of records within one, changes nothing', () => {
    const mixed = holdings.chain((held) =>
      fc.tuple(
        fc.constant(held),
        fc.shuffledSubarray(held, { minLength: held.length, maxLength: held.length }),
      ),
    );
    fc.assert(
      fc.property(mixed, ([held, other]) => {
        // Signed once: two signings are two disclosures.
        const rows = new Map(held.map(({ bureau, records }) => [bureau, answered(bureau, records)]));
        const rowsOf = (list: typeof held) => list.flatMap(({ bureau }) => rows.get(bureau) ?? []);
        expect(JSON.stringify(merge(rowsOf(other)))).toBe(JSON.stringify(merge(rowsOf(held))));
      }),
      { numRuns: 40 },
    );
  });
});
