import type { CreditRecord } from '@causeway/records';
import { openingCategories } from '@causeway/records/projection';
import { usualQuirks } from '@causeway/sandbox/natives/ccrc/quirks';
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { enterpriseRecords, personalRecords } from './test-expressible.ts';
import { openWorld } from './test-registry.ts';

/** What the adapter adds by itself: ids, native codes, and that a field was not reported. */
function facts(record: CreditRecord): unknown {
  const { absent, native: _n, native_scheme: _s, record_id: _i, source_record_id: _o, ...rest } = record;
  const told = Object.entries(absent ?? {}).filter(([, why]) => why !== 'not_reported');
  const party = 'party_ref' in rest ? { party_ref: 'pseudonym' } : {};
  return { ...rest, ...party, ...(told.length === 0 ? {} : { absent: Object.fromEntries(told) }) };
}

/** Without the number of the report, and for a third party without what its pseudonym gives other names. */
function settled(record: CreditRecord): unknown {
  const own = { ...record, source_record_id: record.source_record_id.replace(/^[^/]*\//u, '') };
  return record.record === 'relation'
    ? { ...own, party_ref: 'pseudonym', record_id: 'pseudonym', source_record_id: 'pseudonym' }
    : own;
}

/** One order for both sides: the registry has one of its own. */
const sorted = (records: readonly unknown[]): unknown[] =>
  records.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
const key = (value: unknown): string =>
  JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );

/** The same record with the later end of each period last. */
function orderly(record: CreditRecord): CreditRecord {
  const ends = [
    ...[
      ['opened', 'closed'],
      ['valid_from', 'valid_to'],
      ['since', 'until'],
      ['added_on', 'ends_on'],
    ],
  ] as const;
  const copy = structuredClone(record);
  for (const part of [copy, ...(copy.marks ?? [])] as Record<string, unknown>[]) {
    for (const [from, to] of ends) {
      const [start, end] = [part[from], part[to]];
      if (typeof start === 'string' && typeof end === 'string' && start > end)
        Object.assign(part, { [from]: end, [to]: start });
    }
  }
  return copy;
}

const spellings = fc.record({
  ...{ commas: fc.boolean(), newestFirst: fc.boolean(), twoHistories: fc.boolean() },
  encoding: fc.constantFrom('gb18030' as const, 'utf-8' as const),
});

test.each([
  ['rare-name', personalRecords],
  ['pingshan-trading', enterpriseRecords],
] as const)(
  'what the registry can say of %s comes back as it was, however it is spelt',
  async (id, drawn) => {
    const world = await openWorld(id);
    await fc.assert(
      fc.asyncProperty(drawn, spellings, async (disorderly, spelling) => {
        const records = disorderly.map(orderly);
        Object.assign(world.system.quirks, usualQuirks, spelling, { declares: spelling.encoding });
        world.hold(...records);
        const once = await world.ask();
        expect(sorted(once.records.map(facts))).toEqual(sorted(records.map(facts)));
        // Nothing in a record is without a category that lets it out.
        expect(once.records.filter((record) => openingCategories(record) === undefined)).toEqual([]);
        world.hold(...once.records);
        const twice = await world.ask();
        expect(sorted(twice.records.map(settled))).toEqual(sorted(once.records.map(settled)));
      }),
      { numRuns: 60 },
    );
    await world.close();
  },
);
