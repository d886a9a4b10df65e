import { FileReader } from './file-reader.ts';
import { LineMapper } from './line-mapper.ts';
import type { LineOutcome, MappedLine } from './line-mapper.ts';
import type { RawLine } from './line-splitter.ts';
import type { Mapping } from './mapping.ts';
import type { Rejection, Warning } from './refusal.ts';
import type { RuleId } from './rules.ts';

/** One line of a file and what publishing it comes to. */
export interface CheckedLine {
  readonly raw: RawLine;
  readonly outcome: LineOutcome;
}

/** What publishing this file would say, without a bureau. Lists are cut, counts are not. */
export interface FileCheck {
  readonly lines: number;
  readonly accepted: number;
  /** Of those accepted, the lines with at least one warning. */
  readonly warned: number;
  readonly rejected: number;
  /** The first of them, in file order. */
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly Warning[];
  /** How often each rule struck. */
  readonly rules: Readonly<Partial<Record<RuleId, number>>>;
  /** Different subjects; null where they are more than are counted. */
  readonly subjects: number | null;
  /** How many records of each kind. */
  readonly records: Readonly<Record<string, number>>;
}

/** Rejections and warnings that a check lists, and subjects that it tells apart: memory has a bound. */
const listedMax = 1000;
const subjectsMax = 200_000;

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * Every line with its outcome, in file order, as many at once as end in one chunk.
 * @throws PublishingRefusal where the file is refused whole
 */
export async function* checkedLines(
  mapping: Mapping,
  chunks: Chunks,
  reader = new FileReader(mapping),
): AsyncGenerator<CheckedLine[]> {
  const mapper = new LineMapper(mapping, reader);
  const checked = (raw: RawLine): CheckedLine => ({ raw, outcome: mapper.map(raw) });
  for await (const chunk of chunks) yield reader.feed(chunk).map(checked);
  yield reader.end().map(checked);
}

/**
 * Reads a whole file as the bureau would, in memory that does not grow with it. `visit` sees each line, and
 * may ask the `reader` that it gave for the line's columns.
 * @throws PublishingRefusal where the bureau would refuse the file whole
 */
export async function checkFile(
  mapping: Mapping,
  chunks: Chunks,
  visit?: (line: CheckedLine) => void,
  reader?: FileReader,
): Promise<FileCheck> {
  const tally = new Tally();
  for await (const lines of checkedLines(mapping, chunks, reader)) {
    for (const line of lines) {
      tally.add(line.outcome);
      visit?.(line);
    }
  }
  return tally.result();
}

class Tally {
  readonly #rejections: Rejection[] = [];
  readonly #warnings: Warning[] = [];
  readonly #rules: Partial<Record<RuleId, number>> = {};
  readonly #subjects = new Set<string>();
  readonly #records: Record<string, number> = {};
  #lines = 0;
  #warned = 0;
  #rejected = 0;

  add(outcome: LineOutcome): void {
    this.#lines += 1;
    if ('rejection' in outcome) this.#reject(outcome.rejection);
    else this.#accept(outcome);
  }

  result(): FileCheck {
    return {
      ...{ lines: this.#lines, accepted: this.#lines - this.#rejected },
      ...{ warned: this.#warned, rejected: this.#rejected },
      ...{ rejections: this.#rejections, warnings: this.#warnings, rules: this.#rules },
      subjects: this.#subjects.size > subjectsMax ? null : this.#subjects.size,
      records: this.#records,
    };
  }

  #reject(rejection: Rejection): void {
    this.#rejected += 1;
    this.#count(rejection.rule);
    if (this.#rejections.length < listedMax) this.#rejections.push(rejection);
  }

  #accept({ subject, records, warnings }: MappedLine): void {
    if (this.#subjects.size <= subjectsMax) this.#subjects.add(`${subject.scheme}:${subject.value}`);
    for (const { record } of records) this.#records[record] = (this.#records[record] ?? 0) + 1;
    if (warnings.length === 0) return;
    this.#warned += 1;
    for (const warning of warnings) {
      this.#count(warning.rule);
      if (this.#warnings.length < listedMax) this.#warnings.push(warning);
    }
  }

  #count(rule: RuleId): void {
    this.#rules[rule] = (this.#rules[rule] ?? 0) + 1;
  }
}
