import { stripVTControlCharacters } from 'node:util';
import { cells, padEnd, padStart } from '../terminal.ts';

export interface Column {
  head: string;
  align?: 'right';
}

/** A plain table: heads, then rows, columns as wide as their widest cell. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map((column, i) =>
    Math.max(cells(column.head), ...rows.map((row) => cells(stripped(row[i] ?? '')))),
  );
  const line = (row: readonly string[]): string =>
    columns
      .map((column, i) => fit(row[i] ?? '', widths[i] ?? 0, column.align))
      .join('  ')
      .trimEnd();
  return [
    line(columns.map(({ head }) => head)),
    widths.map((width) => '─'.repeat(width)).join('  '),
    ...rows.map(line),
  ];
}

function fit(text: string, width: number, align: Column['align']): string {
  const bare = width - cells(stripped(text)) + cells(text);
  return align === 'right' ? padStart(text, bare) : padEnd(text, bare);
}

/** Colours take no room. */
const stripped = stripVTControlCharacters;
