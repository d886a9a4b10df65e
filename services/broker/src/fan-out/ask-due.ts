import { transaction } from '@causeway/service';

import { archiveDirectory } from '../archive.ts';
import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BureauState } from '../tables.ts';
import { askBureau, leaseMs, type Answer, type Attempt } from './ask-bureau.ts';
import { backoffMs } from './backoff.ts';
import { redeem, type Redemption } from './redeem.ts';
import { claimBureaus, dueBureaus, grantBox, insertGrants } from './repository.ts';
import { disclosureBox, settleForGood, settleForNow } from './settle.ts';

/**
 * Takes every bureau whose row is due, with renewed grants, and asks them all at once. Does nothing where
 * none is due.
 */
export async function askDueBureaus(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const due = await dueBureaus(broker.db, inquiry.key, broker.clock.now());
  if (due.length === 0) return;
  const { grants, without } = await renew(broker, inquiry, due);
  await askAll(broker, inquiry, await claim(broker, inquiry, due, grants), without);
}

/**
 * Asks the bureaus of these attempts at once, each behind its own bulkhead, and writes what each came to.
 * `without` is what it means for a bureau that there is no grant for it.
 */
export async function askAll(
  broker: Broker,
  inquiry: OpenInquiry,
  attempts: readonly Attempt[],
  without?: Answer,
): Promise<void> {
  // A crash here leaves rows in asking; when their lease is over the next run takes them with a higher
  // attempt.
  await Promise.all(
    attempts.map(async (attempt) => {
      await askOne(broker, inquiry, attempt, without ?? noGrant(broker, attempt.bureau));
    }),
  );
}

interface Round {
  readonly grants: Redemption['grants'];
  readonly without?: Answer;
}

/**
 * Renewed grants; or the consumer service's refusal, which ends the open rows; or a failed attempt for each.
 */
async function renew(broker: Broker, inquiry: OpenInquiry, due: readonly string[]): Promise<Round> {
  try {
    const answer = await redeem(broker, inquiry, due);
    if ('granted' in answer) return { grants: answer.granted.grants };
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
  return await transaction(broker.db, async (trx) => {
    const nowMs = broker.clock.now();
    const claimed = await claimBureaus(trx, inquiry.key, due, { nowMs, leaseUntilMs: nowMs + leaseMs });
    const attempts = claimed.map(({ bureau, attempt }) => ({
      bureau,
      number: attempt,
      grant: grants.get(bureau),
    }));
    const presented = attempts.flatMap(({ grant }) =>
      grant === undefined ? [] : [grantBox(inquiry, grant)],
    );
    await insertGrants(trx, inquiry.key, presented);
    return attempts;
  });
}

async function askOne(
  broker: Broker,
  inquiry: OpenInquiry,
  attempt: Attempt,
  without: Answer,
): Promise<void> {
  const { bureau, grant, number } = attempt;
  const answer: Answer =
    grant === undefined ? without : await askBureau(broker, { inquiry, bureau, number, grant });
  if (answer.kind === 'disclosed') await broker.faults.at('disclosure-received');
  const written = await write(broker, inquiry, attempt, answer);
  if (!written) broker.log.info({ event: 'attempt_late', bureau, attempt: number });
  else if (answer.kind !== 'failed') broker.waiters.wake(inquiry.key);
}

/** True where the attempt still held its row and the inquiry still ran; else the answer is dropped. */
async function write(
  broker: Broker,
  inquiry: OpenInquiry,
  attempt: Attempt,
  answer: Answer,
): Promise<boolean> {
  const held = { inquiry: inquiry.key, bureau: attempt.bureau, attempt: attempt.number };
  const nowMs = broker.clock.now();
  if (answer.kind === 'failed') {
    // The row keeps why the last attempt failed; the report's manifest says it if no later one succeeds.
    const nextAtMs = nowMs + backoffMs(attempt.number, broker.random);
    return await settleForNow(broker.db, held, { code: answer.late ? null : answer.code, nextAtMs });
  }
  const final = { ...finalStateOf(answer), nowMs };
  if (answer.kind === 'refused') return await settleForGood(broker.db, held, final);
  const under = await archiveDirectory(broker, broker.directory.view());
  const disclosure = disclosureBox(inquiry, answer.disclosure, under);
  return await settleForGood(broker.db, held, { ...final, disclosure });
  // A crash before the commit leaves the row in asking: the next attempt gets the bytes that the bureau
  // stored.
}

function finalStateOf(answer: Exclude<Answer, { kind: 'failed' }>) {
  if (answer.kind === 'disclosed')
    return { state: answer.disclosure.claims.outcome satisfies BureauState, code: null };
  const state: BureauState = answer.code === 'subject_frozen' ? 'frozen' : 'refused';
  return { state, code: answer.code };
}
