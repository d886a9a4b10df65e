import { LineFault } from './refusal.ts';

/**
 * The fields of one CSV record (RFC 4180): quotes only around a whole field, doubled inside it. A quote
 * anywhere else is a fault of the line, never a guess.
 */
export function csvFields(text: string, delimiter: string): string[] {
  if (!text.includes('"')) return text.split(delimiter);
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const end = text[at] === '"' ? quotedEnd(text, at) : plainEnd(text, at, delimiter);
    const raw = text.slice(at, end);
    fields.push(raw.startsWith('"') ? raw.slice(1, -1).replaceAll('""', '"') : raw);
    if (end === text.length) return fields;
    if (text[end] !== delimiter) {
      throw new LineFault('quote', `A quoted field is followed by other text at character ${end + 1}.`);
    }
    at = end + 1;
  }
}

function plainEnd(text: string, from: number, delimiter: string): number {
  const found = text.indexOf(delimiter, from);
  const end = found < 0 ? text.length : found;
  const quote = text.indexOf('"', from);
  if (quote >= 0 && quote < end) {
    throw new LineFault('quote', `A quote stands inside an unquoted field at character ${quote + 1}.`);
  }
  return end;
}

/** Index behind the closing quote of the field that opens at `from`. */
function quotedEnd(text: string, from: number): number {
  let at = from + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) throw new LineFault('quote', `The quote at character ${from + 1} is never closed.`);
    if (text[quote + 1] !== '"') return quote + 1;
    at = quote + 2;
  }
}

const stringToken = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const scalarToken = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/uy;
const space = /[ \t]*/uy;

/**
 * One line of JSON Lines: a flat object of texts, numbers, booleans and nulls. Numbers keep their digits as
 * written (an amount never passes through a float), null means no value. A member twice or a nested value
 * is a fault.
 */
export function jsonFields(text: string): Map<string, string | undefined> {
  const fields = new Map<string, string | undefined>();
  const cursor = new Cursor(text);
  cursor.expect('{');
  if (!cursor.take('}')) {
    do {
      const name = cursor.string('a member name');
      if (fields.has(name)) throw new LineFault('json', 'A member appears twice.', name);
      cursor.expect(':');
      fields.set(name, cursor.scalar(name));
    } while (cursor.take(','));
    cursor.expect('}');
  }
  cursor.finish();
  return fields;
}

class Cursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#match(space);
  }

  expect(character: string): void {
    if (!this.take(character)) this.#fail(`'${character}' is expected`);
  }

  take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    this.#match(space);
    return true;
  }

  string(what: string): string {
    const token = this.#match(stringToken);
    if (token === undefined) return this.#fail(`${what} is expected`);
    const value: unknown = JSON.parse(token);
    if (typeof value !== 'string' || !value.isWellFormed())
      return this.#fail('a text holds half a character');
    this.#match(space);
    return value;
  }

  scalar(name: string): string | undefined {
    if (this.#text[this.#at] === '"') return this.string('a text');
    const token = this.#match(scalarToken);
    if (token === undefined)
      throw new LineFault('json', 'A value must be a text, number, true, false or null.', name);
    this.#match(space);
    return token === 'null' ? undefined : token;
  }

  finish(): void {
    if (this.#at !== this.#text.length) this.#fail('nothing more is expected');
  }

  #match(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #fail(what: string): never {
    throw new LineFault('json', `Not a JSON object of plain values: ${what} at character ${this.#at + 1}.`);
  }
}
