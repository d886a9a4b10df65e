/** The texts of one line by the place of their column; undefined where the line has no such member. */
export type Row = readonly (string | undefined)[];

/** The place of a column in a row. @throws RangeError for a column that the file does not have */
export type ColumnIndex = (column: string) => number;

/** The places of these columns. */
export function columnIndex(columns: readonly string[]): ColumnIndex {
  const places = new Map(columns.map((name, at) => [name, at]));
  return (column) => {
    const at = places.get(column);
    if (at === undefined) throw new RangeError('a column that the file does not have');
    return at;
  };
}
