import { prohibitedData } from '../categories.ts';
import { decodeStrict } from '../encodings.ts';
import type { Encoding } from '../encodings.ts';
import { recordBytesMax } from './line-splitter.ts';
import { LineFault } from './refusal.ts';

// C0 except tab, DEL, and C1: no native code page puts meaning there, and logs and terminals do.
const control = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]/u;

/** The text of a record's bytes. @throws LineFault `line_too_long`, `encoding`, `characters` */
export function decodeLine(bytes: Uint8Array | undefined, encoding: Encoding): string {
  if (bytes === undefined)
    throw new LineFault('line_too_long', `The line is longer than ${recordBytesMax} bytes.`);
  return checkCharacters(decodeBytes(bytes, encoding));
}

/** @throws LineFault `encoding` */
export function decodeBytes(bytes: Uint8Array, encoding: Encoding): string {
  try {
    return decodeStrict(bytes, encoding);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LineFault('encoding', `The line is not valid ${encoding.toUpperCase()}.`);
  }
}

/** @throws LineFault `characters` */
export function checkCharacters(text: string): string {
  if (control.test(text)) throw new LineFault('characters', 'The line holds a control character.');
  return text;
}

const namesMax = 4096;

/** Says of member names whether their data may be collected; names repeat from line to line. */
export class NameCheck {
  readonly #fine = new Set<string>();

  /** @throws LineFault `prohibited_category` */
  check(name: string): void {
    if (this.#fine.has(name)) return;
    if (prohibitedData(name) !== undefined) {
      throw new LineFault('prohibited_category', 'The member holds data that no bureau may collect.', name);
    }
    if (this.#fine.size < namesMax) this.#fine.add(name);
  }
}
