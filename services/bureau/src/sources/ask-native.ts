import type { Category, Purpose } from '@causeway/records';

import type { Bureau } from '../bureau.ts';
import type { Finding, NativeSource } from './source.ts';

/** What a native system is asked for, and how long it has, in ms. */
export interface NativeQuestion {
  readonly categories: readonly Category[];
  readonly purpose: Purpose;
  /** Digest of the statement on which the question rests. */
  readonly inquiry: string;
  readonly timeoutMs: number;
}

/**
 * Asks a native system, which knows no references, by what the bureau's roster keeps behind this one.
 * Undefined where the bureau has nobody there: nothing is asked then.
 * @throws SourceFault
 */
export async function askNative(
  { clock, log, roster }: Pick<Bureau, 'clock' | 'log' | 'roster'>,
  source: NativeSource,
  subjectRef: string,
  { categories, inquiry, purpose, timeoutMs }: NativeQuestion,
): Promise<Finding | undefined> {
  const subject = await roster(subjectRef);
  if (subject === undefined) return undefined;
  const found = await source.find(subject, categories, {
    ...{ nowMs: clock.now(), purpose, inquiry },
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (found.notes.length > 0) log.info({ event: 'source_notes', source: source.name, notes: found.notes });
  return found;
}
