import {
  CausewayError,
  isErrorCode,
  type Disclosure,
  type ErrorCode,
  type Grant,
  type Verified,
} from '@causeway/protocol';
import { limits } from '@causeway/kernel';
import { PeerFailure } from '@causeway/service';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { checkDisclosure } from './check-disclosure.ts';
import { checkRefusal } from './redeem.ts';

/** What one attempt at one bureau came to. */
export type Answer =
  | { readonly kind: 'disclosed'; readonly disclosure: Verified<Disclosure> }
  | { readonly kind: 'refused'; readonly code: ErrorCode }
  | { readonly kind: 'failed'; readonly code: ErrorCode; readonly late: boolean };

/** How long one attempt may take, and how long its row is held: nobody takes over what is still under way. */
const askMsMax = 4000;
export const leaseMs = askMsMax + 1000;

const answerSchema = Type.Object({
  results: Type.Array(
    Type.Union([
      Type.Object({ disclosure: Type.String() }),
      Type.Object({ refusal: Type.String() }),
      Type.Object({ error: Type.Object({ code: Type.String() }) }),
    ]),
    { minItems: 1, maxItems: 1 },
  ),
});

/**
 * A bureau's row, held for one attempt; `number` is the fencing number under which its outcome is written.
 */
export interface Attempt {
  readonly bureau: string;
  readonly number: number;
  /** Absent where the consumer service gave none for this bureau. */
  readonly grant: Verified<Grant> | undefined;
}

interface Asked extends Attempt {
  readonly inquiry: OpenInquiry;
  readonly grant: Verified<Grant>;
}

/** Refusals that say "not with this grant" and not "not this inquiry": a renewed grant may do. */
const passing = new Set<ErrorCode>(['expired', 'time_window', 'not_ready', 'unavailable', 'rate_limited']);

/**
 * Asks one bureau once, behind its bulkhead, and checks what comes back as if it came from a stranger. Never
 * throws: what is wrong with a bureau is an answer about that bureau and stays with its row.
 */
export async function askBureau(broker: Broker, attempt: Asked): Promise<Answer> {
  const { bureau, grant, inquiry } = attempt;
  const startedMs = broker.clock.monotonic();
  const endsMs = Math.min(inquiry.row.deadline_ms, grant.claims.exp * 1000) - broker.clock.now();
  const timeoutMs = Math.min(askMsMax, endsMs);
  if (timeoutMs <= 0) return failed('expired', true);
  const giveUp = AbortSignal.timeout(timeoutMs);
  try {
    return await broker.bulkhead(bureau).run(async (signal) => {
      const asked = broker.federation.call({
        member: bureau,
        method: 'POST',
        path: '/v1/disclosures',
        body: { items: [{ inquiry: inquiry.statement.jws, grant: grant.jws }] },
        schema: answerSchema,
        timeoutMs: Math.max(1, timeoutMs - Math.round(broker.clock.monotonic() - startedMs)),
        maxBytes: limits.disclosureBytesMax + limits.statementBytesMax,
        signal,
      });
      const [answer] = await Promise.all([asked, broker.faults.at('bureau-asked')]);
      const elapsedMs = broker.clock.monotonic() - startedMs;
      if (elapsedMs >= endsMs || broker.clock.now() >= grant.claims.exp * 1000) {
        // What arrives after its grant's exp is dropped and reported, by the wall clock and by the monotonic
        // one.
        broker.log.error({ event: 'disclosure_late', alarm: true, bureau, attempt: attempt.number });
        return failed('expired', true);
      }
      return await readResult(broker, attempt, answer.results[0]);
    }, giveUp);
  } catch (error) {
    return asFailure(broker, attempt, error, giveUp.aborted);
  }
}

type Result =
  | { readonly disclosure: string }
  | { readonly refusal: string }
  | { readonly error: { readonly code: string } };

async function readResult(broker: Broker, attempt: Asked, result: Result | undefined): Promise<Answer> {
  if (result === undefined) throw new PeerFailure('answer');
  if ('disclosure' in result) {
    return { kind: 'disclosed', disclosure: await checkDisclosure(broker, attempt, result.disclosure) };
  }
  if ('refusal' in result) {
    const { code } = checkRefusal(broker, attempt.inquiry, attempt.bureau, result.refusal).claims;
    return passing.has(code) ? failed(code, false) : { kind: 'refused', code };
  }
  const { code } = result.error;
  throw new CausewayError(isErrorCode(code) ? code : 'unavailable', { internal: 'refused by the bureau' });
}

function asFailure(broker: Broker, attempt: Asked, error: unknown, timedOut: boolean): Answer {
  const late = timedOut || (error instanceof PeerFailure && error.kind === 'timeout');
  const code = error instanceof CausewayError ? error.code : 'unavailable';
  const { bureau, number } = attempt;
  broker.log.warn({ event: 'bureau_failed', bureau, attempt: number, code, err: error });
  return failed(code, late);
}

const failed = (code: ErrorCode, late: boolean): Answer => ({ kind: 'failed', code, late });
