import { transaction } from '@causeway/service';

import { archiveDirectory } from '../archive.ts';
import type { Broker } from '../broker.ts';
import type { SignedByPasskey } from '../calls.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { askBureau, leaseMs, type Answer, type Attempt } from './ask-bureau.ts';
import { backoffMs } from './backoff.ts';
import { redeem, signedByPasskey, type Redemption } from './redeem.ts';
import { claimBureaus, dueBureaus } from './repository.ts';
import { insertRound, sealRound } from './rounds.ts';
import { disclosureBox, finalStateOf, settleForGood, settleForNow } from './settle.ts';

/** One bureau's attempt and what it came to. */
export interface Asked {
  readonly attempt: Attempt;
  readonly answer: Answer;
}

/**
 * What a round came to: all answers, not written yet, where every bureau answered promptly and for good; or
 * nothing, where each answer has been written to its row.
 */
export type Round = { readonly prompt: readonly Asked[] } | 'written';

/** A bureau that answers later than this does not keep the others' answers from their rows. */
const promptMs = 1500;

/**
 * Takes every bureau whose row is due, with renewed grants, and asks them all at once. Does nothing where
 * none is due.
 */
export async function askDueBureaus(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const due = await dueBureaus(broker.db, inquiry.key, broker.clock.now());
  if (due.length === 0) return;
  const { grants, signed, without } = await renew(broker, inquiry, due);
  const claimed = await claim(broker, inquiry, due, grants);
  const attempts = claimed.map((attempt) => ({ ...attempt, signed }));
  await Promise.all(
    asking(broker, inquiry, attempts, without).map(async (asked) => {
      await write(broker, inquiry, await asked);
    }),
  );
}

/** Asks the bureaus of a first round at once, each in a call that it may share with other inquiries. */
export async function askFirstRound(
  broker: Broker,
  inquiry: OpenInquiry,
  attempts: readonly Attempt[],
): Promise<Round> {
  // A crash here leaves rows in asking; when their lease is over the next run takes them with a higher
  // attempt, and the bureaus answer with what they stored.
  const all = asking(broker, inquiry, attempts);
  await broker.faults.at('bureau-asked');
  const prompt = await within(promptMs, Promise.all(all));
  if (prompt?.every(({ answer }) => answer.kind !== 'failed') === true) return { prompt };
  await Promise.all(all.map(async (asked) => await write(broker, inquiry, await asked)));
  return 'written';
}

/** `without` is what it means for a bureau that there is no grant for it. */
function asking(
  broker: Broker,
  inquiry: OpenInquiry,
  attempts: readonly Attempt[],
  without?: Answer,
): Promise<Asked>[] {
  return attempts.map(async (attempt) => {
    const { bureau, grant } = attempt;
    const answer =
      grant === undefined
        ? (without ?? noGrant(broker, bureau))
        : await askBureau(broker, { ...attempt, inquiry, grant });
    return { attempt, answer };
  });
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), ms);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

interface Renewed {
  readonly grants: Redemption['grants'];
  readonly signed?: SignedByPasskey | undefined;
  readonly without?: Answer;
}

/**
 * Renewed grants; or the consumer service's refusal, which ends the open rows; or a failed attempt for each.
 */
async function renew(broker: Broker, inquiry: OpenInquiry, due: readonly string[]): Promise<Renewed> {
  try {
    const answer = await redeem(broker, inquiry, due);
    if ('granted' in answer)
      return { grants: answer.granted.grants, signed: signedByPasskey(answer.granted) };
    return { grants: new Map(), without: { kind: 'refused', code: answer.refused.claims.code } };
  } catch (err) {
    broker.log.warn({ event: 'renewal_failed', err });
    return { grants: new Map() };
  }
}

/** Suspended bureaus, and those that have left, get no grant; the others get one with the next attempt. */
function noGrant(broker: Broker, bureau: string): Answer {
  const status = broker.directory.view().member(bureau)?.status;
  const code =
    status === 'active' ? 'unavailable' : status === 'suspended' ? 'member_suspended' : 'member_unknown';
  return { kind: 'failed', code, late: false };
}

async function claim(
  broker: Broker,
  inquiry: OpenInquiry,
  due: readonly string[],
  grants: Redemption['grants'],
): Promise<Attempt[]> {
  const round = grants.size === 0 ? undefined : sealRound(inquiry, [...grants.values()]);
  return await transaction(broker.db, async (trx) => {
    const nowMs = broker.clock.now();
    const claimed = await claimBureaus(trx, inquiry.key, due, { nowMs, leaseUntilMs: nowMs + leaseMs });
    if (round !== undefined) await insertRound(trx, inquiry.key, round);
    return claimed.map(({ bureau, attempt }) => ({ bureau, number: attempt, grant: grants.get(bureau) }));
  });
}

/** Writes what an attempt came to if it still holds its row and the inquiry still runs; else drops it. */
async function write(broker: Broker, inquiry: OpenInquiry, { attempt, answer }: Asked): Promise<void> {
  const { bureau, number } = attempt;
  const held = { inquiry: inquiry.key, bureau, attempt: number };
  const nowMs = broker.clock.now();
  let written: boolean;
  if (answer.kind === 'failed') {
    // The row keeps why the last attempt failed; the report's manifest says it if no later one succeeds.
    const nextAtMs = nowMs + backoffMs(number, broker.random);
    written = await settleForNow(broker.db, held, { code: answer.late ? null : answer.code, nextAtMs });
  } else {
    const under = await archiveDirectory(broker, broker.directory.view());
    const kept =
      answer.kind === 'disclosed' ? { disclosure: disclosureBox(inquiry, answer.disclosure, under) } : {};
    written = await settleForGood(broker.db, held, { ...finalStateOf(answer), nowMs, ...kept });
    // A crash before the commit leaves the row in asking: the next attempt gets the bytes that the bureau
    // stored.
  }
  if (!written) broker.log.info({ event: 'attempt_late', bureau, attempt: number });
  else if (answer.kind !== 'failed') broker.waiters.wake(inquiry.key);
}
