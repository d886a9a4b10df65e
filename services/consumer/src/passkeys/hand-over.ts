import { CausewayError, checkAssertion, type PasskeyAssertion, type PasskeyJwk } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { PasskeyRow } from '../passkey-rows.ts';
import { announcePasskey } from './announce.ts';
import { passkeysAt } from './in-force.ts';
import { assertionOptions, partyOf } from './party.ts';
import { handOver, markRemoved, passkeysOf } from './repository.ts';

/** The credential of a passkey as a verifier needs it. */
export const credentialOf = ({ credential_id, public_key }: PasskeyRow) => ({
  credential_id,
  public_key: JSON.parse(public_key) as PasskeyJwk,
});

/** The passkey in force and one that waits to replace it. @throws CausewayError not_found, conflict */
function pairOf(rows: readonly PasskeyRow[], id: string, nowMs: number) {
  const named = rows.find((row) => row.id === id);
  const ofOne = rows.filter(({ subject_ref }) => subject_ref === named?.subject_ref);
  const { current, waiting } = passkeysAt(ofOne, nowMs);
  const next = waiting.find((row) => row.id === id);
  if (next === undefined) throw new CausewayError('not_found');
  if (current === undefined || next.replaces !== current.enrolment) {
    throw new CausewayError('conflict', { detail: 'There is no passkey in force that could sign for it.' });
  }
  return { current, next, others: waiting.filter((row) => row !== next) };
}

/** What the browser asks of the passkey in force, so that a new one need not wait. */
export async function handoverOptions(consumer: Consumer, refs: readonly string[], id: string) {
  const { current, next } = pairOf(await passkeysOf(consumer.db, refs), id, consumer.clock.now());
  return { options: assertionOptions(partyOf(consumer), next.enrolment, [current.credential_id]) };
}

/**
 * The passkey in force signs for the one that waits: from now on that one counts, here and at every bureau.
 * Whatever else waited to replace the one before waits no more.
 * @throws CausewayError `not_found`, `conflict`, `assertion_invalid`
 */
export async function acceptHandover(
  consumer: Consumer,
  refs: readonly string[],
  { assertion, id }: { id: string; assertion: PasskeyAssertion },
): Promise<void> {
  await transaction(consumer.db, async (trx) => {
    const all = await lockWholeSubject(trx, refs[0] ?? '');
    const nowMs = consumer.clock.now();
    const { current, next, others } = pairOf(await passkeysOf(trx, all), id, nowMs);
    const enrolment = credentialOf(current);
    checkAssertion(assertion, { challenge: next.enrolment, enrolment, party: partyOf(consumer) });
    const change = { handover: JSON.stringify(assertion), counts_from_ms: nowMs };
    await handOver(trx, next, change);
    await announcePasskey(consumer, trx, 'handed_over', { ...next, ...change });
    for (const other of others) {
      await markRemoved(trx, other, nowMs);
      await announcePasskey(consumer, trx, 'removed', other);
    }
    // A crash after the commit loses only the answer: it counts.
  });
}
