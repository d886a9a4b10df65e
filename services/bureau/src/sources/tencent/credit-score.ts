import type { PDate } from '@causeway/kernel';

import { SourceFault } from '../source-fault.ts';
import type { Notes } from './notes.ts';
import { isNothing, membersOf, type Members, type TencentAnswer } from './reply.ts';
import { dayOf, flagOf, readingOf, wholeOf, type Reading } from './values.ts';

/** What the simulated credit score interface says. */
export interface CreditScore {
  readonly known: boolean;
  readonly requestId: string;
  readonly day: PDate | undefined;
  readonly score: Reading;
  /** By the name under which they travel in `native_ext`. */
  readonly indices: Readonly<Record<string, string>>;
}

export const [creditMin, creditMax] = [300, 850];
const indexMax = 100;

/** Fulfilment, security, wealth, consumption. The fifth, the social one, is read by nobody. */
const indexNames = ['Lvyue', 'Anquan', 'Caifu', 'Xiaofei'] as const;
const socialIndex = 'Shejiao';
const dataMembers: ReadonlySet<string> = new Set(['Found', 'Score', 'Indices', 'UpdateTime']);

/**
 * @throws SourceFault `partial` where it does not say whether it found anybody; `upstream_error` where it
 * contradicts itself or a value is impossible
 */
export function readCreditScore(answer: TencentAnswer, nowMs: number, notes: Notes): CreditScore {
  const { beside, data, requestId } = answer;
  notes.dropped(beside, new Set());
  notes.dropped(data, dataMembers);
  const found = flagOf(data, 'Found');
  const score = readingOf(data, 'Score', creditMin, creditMax);
  const day = dayOf(data, 'UpdateTime', nowMs);
  const indices = indicesOf(data, notes);
  const says = typeof score === 'number' || Object.keys(indices).length > 0;
  if (found === false && says) {
    throw new SourceFault('upstream_error', 'it found nobody and says something of them');
  }
  if (found === undefined) {
    if (score === undefined && !says) throw new SourceFault('partial', 'Found has no valid value');
    notes.add('Found', 'assumed');
  }
  const known = found ?? says;
  return known
    ? { known, requestId, day, score, indices }
    : { known, requestId, day, score: undefined, indices: {} };
}

function indicesOf(data: Members, notes: Notes): Record<string, string> {
  const given = data['Indices'];
  if (isNothing(given)) return {};
  const members = membersOf(given, 'Indices');
  const { [socialIndex]: social, ...others } = members;
  if (social !== undefined) notes.add(`Indices.${socialIndex}`, 'dropped');
  notes.dropped(others, new Set(indexNames));
  const values = indexNames.map((name) => [`Indices.${name}`, wholeOf(members, name, 0, indexMax)] as const);
  return Object.fromEntries(
    values.flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}
