import type { Federation } from '@causeway/sandbox/federation';
import { expect } from 'vitest';
import { rowCounts } from './rows.ts';

type Counts = Record<string, Record<string, number>>;

/** Rows of every table of these members, leaves among them. */
export async function countsOf(federation: Federation, members: readonly string[]): Promise<Counts> {
  const counts = await Promise.all(members.map((member) => rowCounts(federation, member)));
  return Object.fromEntries(members.map((member, i) => [member, counts[i] ?? {}]));
}

/**
 * Runs what must be refused and shows that these members wrote nothing but what `besides` names: so many more
 * rows by member and table. Returns what the act came to.
 */
export async function refusedWriting<T>(
  federation: Federation,
  besides: Counts,
  act: () => Promise<T>,
): Promise<T> {
  const members = Object.keys(besides);
  const before = await countsOf(federation, members);
  const came = await act();
  const expected = members.map((member) => {
    const added = besides[member] ?? {};
    const rows = Object.entries(before[member] ?? {});
    return [member, Object.fromEntries(rows.map(([table, n]) => [table, n + (added[table] ?? 0)]))];
  });
  expect(await countsOf(federation, members)).toEqual(Object.fromEntries(expected));
  return came;
}

/** Nobody writes anything. */
export const NOBODY: Counts = {
  authority: {},
  consumer: {},
  broker: {},
  central: {},
  lotus: {},
  harbour: {},
};
