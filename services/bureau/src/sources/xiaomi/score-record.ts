import type { RecordOf } from '@causeway/records';

import type { FindingNote } from '../source.ts';
import type { NativeData } from './answer.ts';
import type { XiaomiSettings } from './settings.ts';

/**
 * The score, in the range that the bureau has configured; the answer does not name one. A score outside of it
 * was made on another scale or spoilt on the way: it is left out and noted, never clipped.
 */
export function scoreRecord(
  { mixScore }: Pick<NativeData, 'mixScore'>,
  origin: string,
  asOf: string,
  { max, min }: XiaomiSettings['score_range'],
  notes: FindingNote[],
): RecordOf<'score'> | undefined {
  if (mixScore === undefined) return undefined;
  if (mixScore !== null && (mixScore < min || mixScore > max)) {
    notes.push({ field: 'mixScore', what: 'unreadable' });
    return undefined;
  }
  return {
    record: 'score',
    category: 'SCORE',
    record_id: `score-${origin}`,
    source_record_id: origin,
    as_of: asOf,
    model: 'xiaomi-mix',
    ...(mixScore === null ? { unscorable_reason: 'no_score_at_source' } : { value: mixScore }),
    min,
    max,
    direction: 'higher_safer',
  };
}
