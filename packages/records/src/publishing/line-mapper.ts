import type { Identifier } from '../identifiers.ts';
import type { CreditRecord } from '../record.ts';
import { compileMapping } from './compile-mapping.ts';
import type { MapRow } from './compile-mapping.ts';
import type { Deletion } from './compile-record.ts';
import type { FileReader } from './file-reader.ts';
import type { RawLine } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { Rejection, Warning } from './refusal.ts';

/** A line that is taken: whom it is about (to be turned into a reference at once) and its records. */
export interface MappedLine {
  readonly line: number;
  readonly subject: Identifier;
  readonly records: readonly CreditRecord[];
  /** Of a line with a deletion code, and of no other; it has no records. */
  readonly deletions?: readonly Deletion[];
  readonly warnings: readonly Warning[];
}

export type LineOutcome = MappedLine | { readonly rejection: Rejection };

const none: readonly Warning[] = [];

/** Turns lines into records by a mapping. Pure; never throws for what a line holds. */
export class LineMapper {
  readonly #mapping: Mapping;
  readonly #reader: FileReader;
  #compiled: MapRow | undefined;

  constructor(mapping: Mapping, reader: FileReader) {
    this.#mapping = mapping;
    this.#reader = reader;
  }

  /** The records of one line, all of them or none. */
  map(raw: RawLine): LineOutcome {
    const { line } = raw;
    try {
      const row = this.#reader.row(raw);
      this.#compiled ??= compileMapping(this.#mapping, this.#reader.index);
      const mapped = this.#compiled(row);
      return { line, ...mapped, warnings: mapped.warnings.length > 0 ? at(line, mapped.warnings) : none };
    } catch (error) {
      if (!(error instanceof LineFault)) throw error;
      const { column, pointer, rule, message } = error;
      return { rejection: { line, column, pointer, rule, message } };
    }
  }
}

const at = (line: number, warnings: readonly Omit<Warning, 'line'>[]): Warning[] =>
  warnings.map((warning) => ({ line, ...warning }));
