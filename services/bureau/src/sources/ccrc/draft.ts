import { carriesIdentifier } from '@causeway/records/identifiers';
import { childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import type { Reader } from './readings.ts';
import type { Report } from './report.ts';

/**
 * What becomes of one tag: a field of the record, a text kept under its own name in `native_ext`, nothing
 * (named to the operator), or nothing because it says no more than others do.
 */
export interface TagRule {
  readonly tag: string;
  readonly field?: string;
  readonly read?: Reader;
  readonly use: 'field' | 'kept' | 'dropped' | 'passed';
}

export const field = (tag: string, name: string, read: Reader): TagRule => ({
  ...{ tag, field: name, read },
  use: 'field',
});
export const kept = (...tags: string[]): TagRule[] => tags.map((tag) => ({ tag, use: 'kept' }));
export const dropped = (...tags: string[]): TagRule[] => tags.map((tag) => ({ tag, use: 'dropped' }));
/** Tags read elsewhere: a group's children, or a count of what follows. */
export const passed = (...tags: string[]): TagRule[] => tags.map((tag) => ({ tag, use: 'passed' }));

/** Why a field has no value: no tag, an empty tag, or a dash. */
export type Gap = 'not_reported' | 'unknown_at_source' | 'not_applicable';

/** Texts kept under their own names: printable ASCII only, so that no name gets in. */
const keptExpression = /^[ -~]{1,512}$/u;

/**
 * A record in the making. Groups are read in order of precedence: the first value of a field stays, and what
 * a later group says otherwise is kept under its own tag.
 */
export class Draft {
  readonly report: Report;
  readonly values: Record<string, unknown> = {};
  readonly native: Record<string, string> = {};
  readonly absent: Record<string, Gap> = {};
  readonly ext: Record<string, string> = {};
  /** Of the amounts that are read next. */
  currency = 'CNY';

  constructor(report: Report) {
    this.report = report;
  }

  /** Reads one group of tags; a group that is not there reports nothing. */
  read(group: XmlElement | undefined, rules: readonly TagRule[]): this {
    const known = new Set(rules.map(({ tag }) => tag));
    for (const { name } of group?.children ?? []) {
      if (!known.has(name)) this.report.note(name, 'dropped');
    }
    for (const rule of rules) this.#follow(rule, group);
    return this;
  }

  /** Gives a required field the value that says that none is known. */
  otherwise(name: string, value: unknown): this {
    if (this.values[name] !== undefined) return this;
    this.values[name] = value;
    delete this.absent[name];
    return this;
  }

  #follow(rule: TagRule, group: XmlElement | undefined): void {
    if (rule.use === 'passed') return;
    const cell = cellOf(group, rule.tag);
    if (cell === 'twice') this.report.note(rule.tag, 'conflict');
    const text = typeof cell === 'string' ? undefined : cell.text;
    const something = text !== undefined || cell === 'twice' || cell === 'group';
    if (rule.use === 'dropped' && something) this.report.note(rule.tag, 'dropped');
    if (rule.use === 'kept' && text !== undefined) this.keep(rule.tag, text);
    if (rule.field === undefined || rule.read === undefined) return;
    if (text === undefined)
      this.#gap(rule.field, typeof cell === 'string' ? gapOf(cell) : 'unknown_at_source');
    else this.#value(rule.tag, rule.field, rule.read, text);
  }

  #value(tag: string, name: string, read: Reader, text: string): void {
    const { value, code, note } = read(text, this);
    if (value === undefined || note !== undefined) this.report.note(tag, note ?? 'unreadable');
    const gap = this.absent[name];
    if (this.values[name] !== undefined || (gap !== undefined && gap !== 'not_reported')) {
      if (value !== this.values[name]) this.keep(tag, text);
      return;
    }
    if (code !== undefined) this.native[name] = code;
    if (value === undefined) this.absent[name] = 'unknown_at_source';
    else {
      this.values[name] = value;
      delete this.absent[name];
    }
  }

  #gap(name: string, gap: Gap): void {
    if (this.values[name] === undefined) this.absent[name] ??= gap;
  }

  /** Keeps a text under its tag, or says that it was not kept. */
  keep(tag: string, text: string): void {
    if (keptExpression.test(text) && !carriesIdentifier(text)) this.ext[tag] = text;
    else this.report.note(tag, 'dropped');
  }
}

type Cell = { readonly text: string } | 'none' | 'empty' | 'dash' | 'twice' | 'group';

function cellOf(group: XmlElement | undefined, tag: string): Cell {
  const found = childrenOf(group, tag);
  const [cell] = found;
  if (cell === undefined) return 'none';
  if (found.length > 1) return 'twice';
  if (cell.children.length > 0) return 'group';
  const text = cell.text.trim();
  if (text === '') return 'empty';
  return text === '--' ? 'dash' : { text };
}

function gapOf(cell: string): Gap {
  if (cell === 'none') return 'not_reported';
  return cell === 'dash' ? 'not_applicable' : 'unknown_at_source';
}

/** The text of one tag, or undefined where there is none, or a dash, or more than one. */
export function textOf(group: XmlElement | undefined, tag: string): string | undefined {
  const cell = cellOf(group, tag);
  return typeof cell === 'string' ? undefined : cell.text;
}
