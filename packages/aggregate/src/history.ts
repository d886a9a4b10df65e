import type { AccountRecord, Conflict, RepaymentCode, RepaymentHistory } from '@causeway/records';
import type { Item } from './rows.ts';

/** The packed code of a month that its source does not know: it contradicts nothing. */
const unknown: RepaymentCode = '#';

/** A month as a count of months, so that two histories can be laid over each other. */
function monthNumber(month: string): number {
  return Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7));
}

const scaleOf = ({ scale = 'pboc' }: RepaymentHistory) => scale;

/** The states that a history has for the months `from` to `to`. */
function statesBetween(history: { to: string; states: string }, from: number, to: number): string {
  const first = monthNumber(history.to) - history.states.length + 1;
  return history.states.slice(from - first, to - first + 1);
}

/**
 * The conflict of histories (newest item first) that differ in the months they share: both readings of those
 * months, the newest chosen. Undefined where they agree, share no month, or count days on different scales.
 */
export function historyConflict(having: readonly Item<AccountRecord>[]): Conflict | undefined {
  const told = having.flatMap((item) =>
    item.record.history ? [{ item, history: item.record.history }] : [],
  );
  const [newest] = told;
  if (!newest || told.some(({ history }) => scaleOf(history) !== scaleOf(newest.history))) return undefined;
  const to = Math.min(...told.map(({ history }) => monthNumber(history.to)));
  const from = Math.max(...told.map(({ history }) => monthNumber(history.to) - history.states.length + 1));
  if (from > to) return undefined;
  const values = told.map(({ item, history }) => ({
    bureau: item.bureau,
    record_id: item.record.record_id,
    value: statesBetween(history, from, to),
    as_of: item.record.as_of,
  }));
  const disagree = [...(values[0]?.value ?? '')].some((_, month) => {
    const known = values.map(({ value }) => value.charAt(month)).filter((code) => code !== unknown);
    return new Set(known).size > 1;
  });
  if (!disagree) return undefined;
  return { field: 'history', values, chosen: 0, rule: 'latest_as_of' };
}
