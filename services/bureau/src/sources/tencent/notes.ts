import type { FindingNote } from '../source.ts';
import { isNothing, type Members } from './reply.ts';

const notesMax = 64;
/** A name, and no value in the disguise of one: a number of a person or a telephone has more digits. */
const nameExpression = /^[A-Za-z]{1,40}[0-9]{0,2}(\.[A-Za-z]{1,20})?$/u;

/** Collects what was dropped or doubtful, each once. */
export class Notes {
  readonly #notes = new Map<string, FindingNote>();

  add(field: string, what: FindingNote['what']): void {
    const name = nameExpression.test(field) ? field : 'unnamed';
    if (this.#notes.size < notesMax) this.#notes.set(`${name} ${what}`, { field: name, what });
  }

  /** Names every member with a value that is not among the known ones: none of them is read. */
  dropped(members: Members, known: ReadonlySet<string>): void {
    for (const [name, value] of Object.entries(members)) {
      if (!known.has(name) && !isNothing(value)) this.add(name, 'dropped');
    }
  }

  get list(): readonly FindingNote[] {
    return [...this.#notes.values()];
  }
}
