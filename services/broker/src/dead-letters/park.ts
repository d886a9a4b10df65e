import { CausewayError, type ErrorCode } from '@causeway/protocol';
import { isStoreTrouble } from '@causeway/service';
import type { Death } from '@causeway/service/queue';

import type { Broker } from '../broker.ts';
import { countFailure, insertLetter } from './repository.ts';

/** Failed runs after which an inquiry is set aside. */
const failuresMax = 5;
/** How long after its deadline an inquiry may still be answered (protocol section 3), and so be replayed. */
const lateMs = 15 * 60_000;

/**
 * Looks at what a run threw. A store, a directory or a member that is away is nobody's fault and is waited
 * for; anything else is counted, and an inquiry that fails again and again is set aside with an alarm, so
 * that it costs the others nothing. True where it is set aside now: nothing is to be queued.
 */
export async function parkIfPoison(broker: Broker, key: string, error: unknown): Promise<boolean> {
  if (isPassing(error)) {
    broker.log.warn({ event: 'inquiry_held_up', err: error });
    return false;
  }
  broker.log.error({ event: 'inquiry_failed', alarm: true, err: error });
  const code = error instanceof CausewayError ? error.code : 'internal';
  return await countAndPark(broker, key, { reason: 'failed', code });
}

/** Counts one failed run, and sets the inquiry aside where it was one too many. */
export async function countAndPark(
  broker: Broker,
  key: string,
  { code, reason }: { reason: Death['reason']; code: ErrorCode },
): Promise<boolean> {
  const failures = await countFailure(broker.db, key);
  if (failures === undefined || failures < failuresMax) return false;
  // A crash here leaves one failure more than are allowed: the next one parks it.
  return await park(broker, key, { reason, code, attempts: failures });
}

/** Sets an open inquiry aside, whatever was counted. False where it is finished. */
export async function park(
  broker: Broker,
  key: string,
  letter: { reason: Death['reason']; code: ErrorCode; attempts: number },
): Promise<boolean> {
  const nowMs = broker.clock.now();
  const parked = await insertLetter(broker.db, key, { ...letter, nowMs, lateMs });
  const { attempts: attempt, ...why } = letter;
  if (parked) broker.log.error({ event: 'inquiry_parked', alarm: true, job: key, attempt, ...why });
  return parked;
}

/** True for what says "later" and nothing about this inquiry. */
export function isPassing(error: unknown): boolean {
  if (isStoreTrouble(error)) return true;
  return error instanceof CausewayError && (error.status === 503 || error.status === 429);
}
