import type { PreviewedLine } from '@causeway/sdk';
import { table } from './table.ts';

type Member = readonly [name: string, text: string];

/** Each line's columns on the left, and on the right what they become. */
export function previewView(lines: readonly PreviewedLine[]): string[] {
  return lines.flatMap((line) => [`line ${line.line}  ${headOf(line)}`, ...sideBySide(line), '']);
}

const headOf = ({ rejection, subject }: PreviewedLine): string =>
  rejection ? `rejected by ${rejection.rule}: ${rejection.message}` : `about ${subject}`;

function sideBySide({ cells, records }: PreviewedLine): string[] {
  const made = records.flatMap((record) => membersOf(record));
  const rows = Array.from({ length: Math.max(cells.length, made.length) }, (_, at) => [
    cells[at]?.column ?? '',
    cells[at]?.text ?? '',
    made[at]?.[0] ?? '',
    made[at]?.[1] ?? '',
  ]);
  return table([{ head: 'column' }, { head: 'value' }, { head: 'field' }, { head: 'canonical' }], rows);
}

const membersOf = (record: PreviewedLine['records'][number]): Member[] =>
  Object.entries(record).map(([name, value]) => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
