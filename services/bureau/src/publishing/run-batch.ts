import { setImmediate as othersFirst } from 'node:timers/promises';
import { dateOf } from '@causeway/kernel';
import { epochOf } from '@causeway/protocol';
import { FileReader, LineMapper } from '@causeway/records/publishing/index';
import type { MappedLine, Mapping, RawLine, Rejection } from '@causeway/records/publishing/index';
import { QualityTally } from '@causeway/records/quality/index';

import type { Bureau } from '../bureau.ts';
import type { QualityGain } from '../quality/repository.ts';
import type { Chunk } from '../store/commit-chunk.ts';
import type { StoredRow } from '../store/store-rows.ts';
import { providerOf } from './batch-statement.ts';
import { loadMapping } from './mappings.ts';
import type { Batch } from './repository.ts';

/**
 * Lines that become visible in one transaction: few at first, so that something is there soon and a fault
 * shows before much work is lost, then twice as many each time, because a transaction costs what it costs.
 */
const [chunkLinesMin, chunkLinesMax] = [250, 1000];

/** A chunk ends behind so many bytes, however few its lines: two of them are in memory at a time. */
const chunkBytesMax = 4_194_304;

/** Lines that are mapped in one go; what waits for the process waits for no more than them. */
const linesAtOnce = 64;

/**
 * Subjects of this batch whose references are remembered, in memory and for this run only: an epoch that
 * comes meanwhile counts for those that come after it.
 */
const rememberedMax = 50_000;

/** Lines as they were read, and what they came to. */
interface Mapped {
  readonly taken: readonly MappedLine[];
  readonly rejections: readonly Rejection[];
}

/**
 * Takes a batch from where it stands to its end, chunk by chunk. Whoever else runs the same batch at the
 * same time does no harm: each chunk is written once. Returns when the batch is complete, or when another
 * run has overtaken this one.
 */
export async function runBatch(bureau: Bureau, batch: Batch): Promise<void> {
  if (batch.state === 'complete') return;
  const mapping = await loadMapping(bureau, batch.mapping);
  const start = { offset: batch.next_offset, line: batch.next_line, columns: batch.columns };
  const reader = new FileReader(mapping, start);
  const run = new BatchRun(bureau, batch, mapping, reader);
  try {
    for await (const bytes of bureau.spool.read(batch.spool, batch.next_offset)) {
      if (!(await run.take(reader.feed(bytes)))) return;
    }
    if (!(await run.take(reader.end()))) return;
    await run.finish();
  } finally {
    await run.quiet();
  }
}

class BatchRun {
  readonly #bureau: Bureau;
  readonly #batch: Batch;
  readonly #isSnapshot: boolean;
  readonly #mapper: LineMapper;
  readonly #provider: string;
  /** The day the file came, where the bureaus are. */
  readonly #receivedOn: string;
  #offset: number;
  #line: number;
  #waiting: RawLine[] = [];
  #references = new Map<string, readonly string[]>();
  #chunkLines = chunkLinesMin;
  /** The chunk that is being written; false where another run has overtaken this one. */
  #underWay: Promise<boolean> = Promise.resolve(true);

  constructor(bureau: Bureau, batch: Batch, mapping: Mapping, reader: FileReader) {
    this.#bureau = bureau;
    this.#batch = batch;
    this.#mapper = new LineMapper(mapping, reader);
    this.#isSnapshot = mapping.mode === 'snapshot';
    this.#provider = providerOf(bureau, mapping);
    this.#receivedOn = dateOf(batch.started_ms, 'Asia/Shanghai');
    this.#offset = batch.next_offset;
    this.#line = batch.next_line;
  }

  /** False where another run has overtaken this one. */
  async take(lines: readonly RawLine[]): Promise<boolean> {
    this.#waiting.push(...lines);
    for (let due = this.#due(); this.#waiting.length > due; due = this.#due()) {
      if (!(await this.#commit(this.#waiting.splice(0, due), null))) return false;
      this.#chunkLines = Math.min(2 * this.#chunkLines, chunkLinesMax);
    }
    return true;
  }

  /** How many lines the next chunk has, where there are as many. */
  #due(): number {
    const full = this.#waiting.findIndex(({ end }) => end - this.#offset >= chunkBytesMax);
    return full < 0 ? this.#chunkLines : Math.min(full + 1, this.#chunkLines);
  }

  async finish(): Promise<void> {
    await this.#commit(this.#waiting, this.#bureau.clock.now());
    await this.#underWay;
  }

  /** Returns when nothing of this run is being written any more, whatever became of it. */
  async quiet(): Promise<void> {
    await this.#underWay.catch(() => undefined);
  }

  async #commit(lines: readonly RawLine[], finishedMs: number | null): Promise<boolean> {
    const { taken, rejections } = await this.#map(lines);
    const last = lines.at(-1);
    const references = await this.#referencesOf(taken);
    const chunk: Chunk = {
      batch: this.#batch,
      fromOffset: this.#offset,
      nextOffset: last?.end ?? this.#offset,
      nextLine: last === undefined ? this.#line : last.lastLine + 1,
      accepted: taken.length,
      rejections,
      warnings: this.#batch.again ? [] : taken.flatMap(({ warnings }) => warnings),
      rows: this.#rows(taken, references),
      epochs: epochsOfAll(taken.map(({ subject }) => references.get(keyOf(subject)) ?? [])),
      quality: this.#quality(taken, rejections),
      finishedMs,
      endsSnapshot: finishedMs !== null && this.#isSnapshot,
    };
    this.#offset = chunk.nextOffset;
    this.#line = chunk.nextLine;
    // While the chunk before was being written, this one was mapped: neither the database nor this process
    // waits for the other, and the chunks are written in their order.
    if (!(await this.#underWay)) return false;
    this.#underWay = this.#bureau.commitChunk(chunk);
    // What it fails with is thrown to who waits for it next; until then it is nobody's.
    this.#underWay.catch(() => undefined);
    return true;
  }

  async #map(lines: readonly RawLine[]): Promise<Mapped> {
    const taken: MappedLine[] = [];
    const rejections: Rejection[] = [];
    for (const [at, line] of lines.entries()) {
      const outcome = this.#mapper.map(line);
      if ('rejection' in outcome) rejections.push(outcome.rejection);
      else taken.push(outcome);
      if (at % linesAtOnce === linesAtOnce - 1) await othersFirst();
    }
    return { taken, rejections };
  }

  #rows(taken: readonly MappedLine[], references: ReadonlyMap<string, readonly string[]>): StoredRow[] {
    return taken.flatMap(({ deletions = [], line, records, subject }) => {
      const [subjectRef, ...others] = references.get(keyOf(subject)) ?? [];
      if (subjectRef === undefined) throw new RangeError('a subject has no reference');
      const kind = subject.scheme === 'gb32100' ? 'enterprise' : 'person';
      const said: StoredRow['says'][] = [
        ...records.map((record) => ({ record })),
        ...deletions.map((deletion) => ({ deletion })),
      ];
      const rowsUnder = (ref: string, again: boolean): StoredRow[] =>
        said.map((says) => ({ subjectRef: ref, kind, line, again, says }));
      // What was counted when the file came first is not counted again.
      return [...rowsUnder(subjectRef, this.#batch.again), ...others.flatMap((ref) => rowsUnder(ref, true))];
    });
  }

  /** What was counted when the file came first is not counted again. */
  #quality(taken: readonly MappedLine[], rejections: readonly Rejection[]): QualityGain | null {
    if (this.#batch.again) return null;
    const tally = new QualityTally(this.#receivedOn);
    for (const { records } of taken) tally.line(records);
    for (const { rule } of rejections) tally.rejected(rule);
    return { provider: this.#provider, month: this.#receivedOn.slice(0, 7), counts: tally.counts };
  }

  async #referencesOf(taken: readonly MappedLine[]): Promise<ReadonlyMap<string, readonly string[]>> {
    if (this.#references.size > rememberedMax) this.#references = new Map();
    const known = this.#references;
    const fresh = new Map(
      taken.map(({ subject }) => [keyOf(subject), subject] as const).filter(([key]) => !known.has(key)),
    );
    const references = await this.#bureau.references([...fresh.values()]);
    [...fresh.keys()].forEach((key, at) => known.set(key, references[at] ?? []));
    return known;
  }
}

/** The epochs in which each of these subjects has a reference; null where there is no subject. */
function epochsOfAll(subjects: readonly (readonly string[])[]): string[] | null {
  const [first, ...others] = subjects.map((refs) => refs.map(epochOf));
  return first?.filter((epoch) => others.every((epochs) => epochs.includes(epoch))) ?? null;
}

const keyOf = ({ scheme, value }: MappedLine['subject']): string => `${scheme}:${value}`;
