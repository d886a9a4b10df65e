import { checkCharacters } from './decode-line.ts';
import type { NameCheck } from './decode-line.ts';
import type { XmlLayout } from './layout.ts';
import { LineFault } from './refusal.ts';
import type { Row } from './row.ts';

/** Elements below a row's own. */
const depthMax = 16;

/** The columns of a layout by the path that they have below a row. */
export class XmlColumns {
  readonly names: readonly string[];
  readonly #places = new Map<string, number[]>();

  constructor({ columns }: XmlLayout) {
    this.names = Object.keys(columns);
    Object.values(columns).forEach((path, at) => {
      this.#places.set(path, [...(this.#places.get(path) ?? []), at]);
    });
  }

  at(path: string): readonly number[] | undefined {
    return this.#places.get(path);
  }
}

/** One row of a document while it is being read. What is wrong with it is kept until it is asked for. */
export class XmlRow {
  readonly #columns: XmlColumns;
  readonly #names: NameCheck;
  readonly #cells: (string | undefined)[];
  /** Paths of the open elements below the row, and their text where it is a column. */
  readonly #paths: string[] = [];
  readonly #texts: (string | undefined)[] = [];
  #fault: LineFault | undefined;

  constructor(columns: XmlColumns, names: NameCheck) {
    this.#columns = columns;
    this.#names = names;
    this.#cells = Array.from({ length: columns.names.length });
  }

  /** Opens an element below the row; `name` is undefined for the row's own. */
  open(name: string | undefined, attributes: Readonly<Record<string, string>>): void {
    const above = this.#paths.at(-1) ?? '';
    const path = name === undefined || above === '' ? (name ?? '') : `${above}/${name}`;
    this.#paths.push(path);
    this.#texts.push(this.#columns.at(path) ? '' : undefined);
    this.#attempt(() => {
      if (this.#paths.length > depthMax)
        throw new LineFault('xml', `The row is nested more than ${depthMax} elements deep.`);
      if (name !== undefined) this.#names.check(name);
      for (const [attribute, value] of Object.entries(attributes)) {
        this.#names.check(attribute);
        this.#fill(path === '' ? `@${attribute}` : `${path}/@${attribute}`, value);
      }
    });
  }

  text(part: string): void {
    const at = this.#texts.length - 1;
    const text = this.#texts[at];
    if (text !== undefined) this.#texts[at] = text + part;
  }

  /** Closes an element. True where it was the row's own. */
  close(): boolean {
    const path = this.#paths.pop() ?? '';
    const text = this.#texts.pop();
    if (text !== undefined) this.#attempt(() => this.#fill(path, text));
    return this.#paths.length === 0;
  }

  fail(fault: LineFault): void {
    this.#fault ??= fault;
  }

  /** The columns, or why there are none. */
  result(): Row | LineFault {
    return this.#fault ?? this.#cells;
  }

  #fill(path: string, text: string): void {
    const value = checkCharacters(text.trim().replaceAll(/[\r\n\t]+ */gu, ' '));
    for (const at of this.#columns.at(path) ?? []) {
      if (this.#cells[at] !== undefined)
        throw new LineFault('xml', 'A value appears twice in the row.', this.#columns.names[at] ?? null);
      this.#cells[at] = value;
    }
  }

  #attempt(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      this.fail(error);
    }
  }
}
