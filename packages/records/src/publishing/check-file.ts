import { FileReader } from './file-reader.ts';
import { LineMapper } from './line-mapper.ts';
import type { LineOutcome } from './line-mapper.ts';
import type { Mapping } from './mapping.ts';
import type { Rejection } from './refusal.ts';

/** What publishing this file would say, without a bureau. */
export interface FileCheck {
  readonly lines: number;
  readonly accepted: number;
  readonly rejections: readonly Rejection[];
  readonly subjects: number;
  readonly records: Readonly<Record<string, number>>;
}

/** Every line's outcome, in file order. @throws PublishingRefusal where the file is refused whole */
export async function* fileOutcomes(
  mapping: Mapping,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<LineOutcome> {
  const reader = new FileReader(mapping);
  const mapper = new LineMapper(mapping, reader);
  for await (const chunk of chunks) {
    for (const line of reader.feed(chunk)) yield mapper.map(line);
  }
  for (const line of reader.end()) yield mapper.map(line);
}

/**
 * Reads a whole file as the bureau would. @throws PublishingRefusal where the bureau would refuse it whole
 */
export async function checkFile(
  mapping: Mapping,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<FileCheck> {
  const rejections: Rejection[] = [];
  const subjects = new Set<string>();
  const records: Record<string, number> = {};
  let lines = 0;
  for await (const outcome of fileOutcomes(mapping, chunks)) {
    lines += 1;
    if ('rejection' in outcome) {
      rejections.push(outcome.rejection);
      continue;
    }
    subjects.add(`${outcome.subject.scheme}:${outcome.subject.value}`);
    for (const { record } of outcome.records) records[record] = (records[record] ?? 0) + 1;
  }
  return { lines, accepted: lines - rejections.length, rejections, subjects: subjects.size, records };
}
