import type { FileCheck } from '@causeway/sdk';
import { table } from './table.ts';

/** Rejections on a screen; a reject file has all of them. */
const shownMax = 20;

/**
 * What became, or would become, of a file: the funnel, how often each rule struck, and the first
 * rejections.
 */
export function checkLines(check: FileCheck): string[] {
  const { accepted, lines, rejected, warned, rejections } = check;
  const funnel = `${lines} lines: ${accepted} accepted (${warned} with a warning), ${rejected} rejected`;
  const more = rejected - Math.min(shownMax, rejections.length);
  return [
    funnel,
    ...ruleLines(check),
    ...rejectionLines(rejections.slice(0, shownMax)),
    ...(more > 0 ? [`and ${more} more; --reject-file writes all of them`] : []),
  ];
}

function ruleLines({ rules }: FileCheck): string[] {
  const rows = Object.entries(rules).map(([rule, count]) => [rule, String(count)]);
  if (rows.length === 0) return [];
  return ['', ...table([{ head: 'rule' }, { head: 'times', align: 'right' }], rows)];
}

/** The lines that were not taken, with the rule each broke, and where the mapping says so. */
function rejectionLines(rejections: FileCheck['rejections']): string[] {
  if (rejections.length === 0) return [];
  const rows = rejections.map(({ line, column, rule, pointer, message }) => [
    String(line),
    column ?? '',
    rule,
    pointer ?? '',
    message,
  ]);
  const heads = [{ head: 'line', align: 'right' as const }, { head: 'column' }, { head: 'rule' }];
  return ['', ...table([...heads, { head: 'mapping' }, { head: 'what' }], rows)];
}
