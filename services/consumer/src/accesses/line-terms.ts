import { dateOf, endOfDay, uuidv7 } from '@causeway/kernel';
import { type HistoryTerms, historyTerms, NATIONAL_POLICY } from '@causeway/policy';
import type { DirectoryView, Inquiry } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import type { AccessRow } from '../tables.ts';

const dayMs = 86_400_000;
/** Of the national policy. */
const zone = 'Asia/Shanghai';

/** The day of a moment (ms since the epoch), as a line tells it. */
export const dayOf = (ms: number): string => dateOf(ms, zone);

/**
 * What policy says of the line about an inquiry, and the line's id. Decided once, when the line is written,
 * in its transaction. The id of a line that tells its day only has the time of that day's beginning: by it
 * nobody reads the moment.
 */
export function lineTerms(
  { clock, random }: Pick<Consumer, 'clock' | 'random'>,
  { iss, purpose }: Pick<Inquiry, 'iss' | 'purpose'>,
  { atMs, directory }: { readonly atMs: number; readonly directory: DirectoryView },
): Pick<AccessRow, 'id' | 'shown_from_ms' | 'shown_as'> {
  const terms = historyTerms(NATIONAL_POLICY, { purpose, roles: directory.member(iss)?.roles ?? [] });
  const { embargo, granularity } = terms;
  const idMs = granularity === 'date' ? endOfDay(dayOf(atMs), zone) - dayMs : clock.now();
  return {
    id: uuidv7({ ...clock, now: () => idMs }, random),
    shown_from_ms: embargo === undefined ? null : atMs + embargo.days * dayMs,
    shown_as: isPlain(terms) ? null : terms,
  };
}

const isPlain = ({ embargo, granularity, named_as }: HistoryTerms): boolean =>
  embargo === undefined && granularity === 'moment' && named_as === undefined;
