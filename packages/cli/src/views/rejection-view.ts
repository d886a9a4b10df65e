import type { Rejection } from '@causeway/sdk';
import { table } from './table.ts';

/** The lines that were not taken, with the rule each broke and where. */
export function rejectionLines(rejections: readonly Rejection[]): string[] {
  if (rejections.length === 0) return [];
  const rows = rejections.map(({ line, column, rule, message }) => [
    String(line),
    column ?? '',
    rule,
    message,
  ]);
  return table(
    [{ head: 'line', align: 'right' }, { head: 'column' }, { head: 'rule' }, { head: 'what' }],
    rows,
  );
}
