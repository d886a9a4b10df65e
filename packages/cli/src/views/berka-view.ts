import type { BerkaResult } from '@causeway/sandbox';
import { table } from './table.ts';

/** The run over three islands in a table and three sentences. */
export function berkaLines(result: BerkaResult): string[] {
  const bureaus = Object.keys(result.records);
  const seconds = (result.total_ms / 1000).toFixed(1);
  const rows = bureaus.map((bureau) => [
    bureau,
    String(result.records[bureau]),
    String(result.subjects[bureau]),
  ]);
  return [
    '',
    ...table(
      [{ head: 'bureau' }, { head: 'records', align: 'right' }, { head: 'people', align: 'right' }],
      rows,
    ),
    '',
    `${result.subjects['any']} people are known to some bureau, ${result.subjects['all']} to all three.`,
    `${result.complete} of ${result.inquiries} inquiries are complete, in ${seconds} s.`,
    `${result.same_debt} debts were reported by two bureaus and recognised as one.`,
  ];
}
