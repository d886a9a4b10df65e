import { addDays } from '@causeway/kernel';
import { readRecord } from '@causeway/records/faults';
import type { SubjectKind } from '@causeway/records/faults';
import type { CreditRecord } from '@causeway/records';
import type { Category } from '@causeway/records/categories';
import { childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import type { FindingNote } from '../source.ts';
import type { Draft } from './draft.ts';
import type { Pseudonyms } from './pseudonyms.ts';

const notesMax = 200;
const tagExpression = /^[A-Z][A-Z0-9]{1,15}$/u;

/** What makes a draft a record. */
export interface Shape {
  readonly record: CreditRecord['record'];
  readonly category: Category;
  /** Of the segment; the beginning of the record's id. */
  readonly segment: string;
  /** The registry's own key to it; without one it is known by what it says. */
  readonly key?: string;
  readonly as_of?: string;
  readonly extra?: Readonly<Record<string, unknown>>;
}

/** One report while it is read: what has been found, and what could not be. */
export class Report {
  readonly subjectKind: SubjectKind;
  readonly pseudonyms: Pseudonyms;
  readonly number: string;
  /** The day of the report. */
  readonly day: string;
  readonly records: CreditRecord[] = [];
  readonly #notes = new Map<string, FindingNote>();
  readonly #ids = new Map<string, number>();
  readonly #lost = new Set<string>();

  constructor(subjectKind: SubjectKind, pseudonyms: Pseudonyms, number: string, day: string) {
    this.subjectKind = subjectKind;
    this.pseudonyms = pseudonyms;
    this.number = number;
    this.day = day;
  }

  /** The day before: the registry shows on one day what it was told up to the day before. */
  get asOf(): string {
    return addDays(this.day, -1);
  }

  get notes(): FindingNote[] {
    return [...this.#notes.values()];
  }

  /** Notes something about a tag, once; a name that no tag has is not repeated. */
  note(tag: string, what: FindingNote['what']): void {
    const name = tagExpression.test(tag) ? tag : 'Document';
    if (this.#notes.size < notesMax) this.#notes.set(`${name} ${what}`, { field: name, what });
  }

  /**
   * Makes a draft of a segment a record. What does not fit the model becomes a note, and a mark that the
   * receiver sees: nobody may take what was read for all there is.
   */
  add(draft: Draft, element: XmlElement, shape: Shape): void {
    const { category, extra, key, record, segment } = shape;
    const name = key ?? this.pseudonyms.of(JSON.stringify(element));
    const id = this.#unique(`${segment.toLowerCase()}.${name}`);
    const value = {
      ...{ record, category, record_id: id, source_record_id: `${this.number}/${name}` },
      ...{ as_of: shape.as_of ?? this.asOf, ...draft.values, ...extra },
      ...filled('native', draft.native),
      ...{ native_scheme: 'pboc2', ...filled('absent', draft.absent) },
      ...filled('native_ext', draft.ext),
    };
    const read = readRecord(value, this.subjectKind);
    if ('record' in read) this.records.push(read.record);
    else this.lose(segment, category);
  }

  /**
   * Checks the groups of an entry: each of these once at most, any other is dropped by name. Of a group that
   * comes twice nothing is read, and that is said like any other loss.
   */
  outline(element: XmlElement | undefined, groups: readonly string[], category: Category): void {
    for (const { name } of element?.children ?? []) {
      if (!groups.includes(name)) this.note(name, 'dropped');
    }
    const twice = groups.filter((name) => childrenOf(element, name).length > 1);
    for (const name of twice) this.note(name, 'conflict');
    if (element !== undefined && twice.length > 0) this.lose(element.name, category);
  }

  /** Says, to the operator and to the receiver, that an entry of this segment could not be expressed. */
  lose(segment: string, category: Category): void {
    this.note(segment, 'unreadable');
    if (this.#lost.has(segment)) return;
    this.#lost.add(segment);
    this.records.push({
      ...{ record: 'annotation', category, record_id: `unread.${segment.toLowerCase()}`, as_of: this.asOf },
      ...{ source_record_id: `${this.number}/${segment}`, native_scheme: 'pboc2', kind: 'bureau_note' },
      text: `The source holds an entry in ${segment} that cannot be expressed here.`,
      added_on: this.day,
    });
  }

  #unique(id: string): string {
    const seen = (this.#ids.get(id) ?? 0) + 1;
    this.#ids.set(id, seen);
    return seen === 1 ? id : `${id}.${seen}`;
  }
}

const filled = (name: string, members: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.keys(members).length === 0 ? {} : { [name]: members };
