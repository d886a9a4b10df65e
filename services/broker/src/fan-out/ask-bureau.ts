import {
  CausewayError,
  isErrorCode,
  type Disclosure,
  type ErrorCode,
  type Grant,
  type Verified,
} from '@causeway/protocol';
import { PeerFailure } from '@causeway/service';

import type { Broker } from '../broker.ts';
import { askMsMax, type DisclosureAnswer, type SignedByPasskey } from '../calls.ts';
import { lastAnswerMs, type OpenInquiry } from '../inquiries/open-inquiry.ts';
import { checkDisclosure } from './check-disclosure.ts';
import { checkRefusal } from './redeem.ts';

/** What one attempt at one bureau came to. */
export type Answer =
  | { readonly kind: 'disclosed'; readonly disclosure: Verified<Disclosure> }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly late: boolean };

/** How long a row is held for an attempt: nobody takes over what is still under way. */
export const leaseMs = askMsMax + 1000;

/**
 * A bureau's row, held for one attempt; `number` is the fencing number under which its outcome is written.
 */
export interface Attempt {
  readonly bureau: string;
  readonly number: number;
  /** Absent where the consumer service gave none for this bureau. */
  readonly grant: Verified<Grant> | undefined;
  /** Where a passkey has signed. */
  readonly signed?: SignedByPasskey | undefined;
}

interface Asked extends Attempt {
  readonly inquiry: OpenInquiry;
  readonly grant: Verified<Grant>;
}

/** Refusals that say "not with this grant" and not "not this inquiry": a renewed grant may do. */
const passing = new Set<ErrorCode>(['expired', 'time_window', 'not_ready', 'unavailable', 'rate_limited']);

/**
 * Asks one bureau once, together with whoever else asks it now, and checks what comes back as if it came from
 * a stranger. Never throws: what is wrong with a bureau is an answer about that bureau and stays with its
 * row.
 */
export async function askBureau(broker: Broker, attempt: Asked): Promise<Answer> {
  const { bureau, grant, inquiry, signed } = attempt;
  const { clock } = broker;
  const leftMs = Math.min(lastAnswerMs(inquiry.row), grant.claims.exp * 1000) - clock.now();
  const endsMonotonicMs = clock.monotonic() + leftMs;
  if (leftMs <= 0) return failed('expired', true);
  try {
    const call = { inquiry: inquiry.statement.jws, grant: grant.jws, signed, endsMonotonicMs };
    const answer = await broker.calls.disclosures(bureau).submit(call);
    if (clock.monotonic() >= endsMonotonicMs || clock.now() >= grant.claims.exp * 1000) {
      // What arrives after its grant's exp is dropped and reported, by the wall clock and by the monotonic
      // one.
      broker.log.error({ event: 'disclosure_late', alarm: true, bureau, attempt: attempt.number });
      return failed('expired', true);
    }
    await broker.faults.at('disclosure-received');
    return await readAnswer(broker, attempt, answer).catch((error: unknown) => {
      if (isLie(answer, error)) broker.bulkhead(bureau).blame();
      throw error;
    });
  } catch (error) {
    return asFailure(broker, attempt, error);
  }
}

async function readAnswer(broker: Broker, attempt: Asked, answer: DisclosureAnswer): Promise<Answer> {
  if ('disclosure' in answer) {
    return { kind: 'disclosed', disclosure: await checkDisclosure(broker, attempt, answer.disclosure) };
  }
  if ('refusal' in answer) {
    const { code } = checkRefusal(broker, attempt.inquiry, attempt.bureau, answer.refusal).claims;
    return passing.has(code) ? failed(code, false) : { kind: 'refused', code };
  }
  const { code } = answer.error;
  throw new CausewayError(isErrorCode(code) ? code : 'unavailable', { internal: 'refused by the bureau' });
}

/** What it sent is not true, or not about this; a fault that it tells of, or one of ours, is none. */
function isLie(answer: DisclosureAnswer, error: unknown): boolean {
  return !('error' in answer) && error instanceof CausewayError && error.status < 500;
}

function asFailure(broker: Broker, attempt: Asked, error: unknown): Answer {
  const late = error instanceof PeerFailure && error.kind === 'timeout';
  const code = error instanceof CausewayError ? error.code : 'unavailable';
  const { bureau, number } = attempt;
  broker.log.warn({ event: 'bureau_failed', bureau, attempt: number, code, err: error });
  return failed(code, late);
}

const failed = (code: ErrorCode, late: boolean): Answer => ({ kind: 'failed', code, late });
