import {
  CausewayError,
  checkAssertion,
  signComposed,
  type Composed,
  type PasskeyAssertion,
} from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { credentialOf } from '../passkeys/hand-over.ts';
import { passkeysAt } from '../passkeys/in-force.ts';
import { partyOf } from '../passkeys/party.ts';
import { enrolmentsOf } from '../passkeys/proof.ts';
import { passkeysOf } from '../passkeys/repository.ts';
import { lockOwnReport, setAsserted } from './repository.ts';
import { openPart, sealPart } from './sealed.ts';

/**
 * Takes the person's assertion over the inquiry that was composed for them, and signs that: from the commit
 * on it may be sent and redeemed, once. A second assertion changes nothing.
 * @throws CausewayError not_found for another person's report as for an absent one, conflict where the time
 *   for it is over, assertion_invalid for one by another passkey, over anything else, or that does not hold
 */
export async function assertReport(
  consumer: Consumer,
  refs: readonly string[],
  id: string,
  assertion: PasskeyAssertion,
): Promise<void> {
  await transaction(consumer.db, async (trx) => {
    const row = await lockOwnReport(trx, refs, id);
    if (row === undefined) throw new CausewayError('not_found');
    if (row.state !== 'composed') return;
    const nowMs = consumer.clock.now();
    if (nowMs >= row.expires_ms) {
      throw new CausewayError('conflict', { detail: 'This took too long. Ask for the report again.' });
    }
    const passkeys = await passkeysOf(trx, [row.subject_ref]);
    const { current } = passkeysAt(passkeys, nowMs);
    if (current?.enrolment !== row.enrolment) {
      throw new CausewayError('conflict', { detail: 'Another passkey is in force by now. Ask again.' });
    }
    const enrolment = credentialOf(current);
    checkAssertion(assertion, { challenge: row.inquiry, enrolment, party: partyOf(consumer) });
    const draft = await openPart(consumer, 'composed', row, row.statement);
    const composed = JSON.parse(draft) as Composed<'inquiry'>;
    const proof = { enrolments: await enrolmentsOf(consumer, passkeys, current), assertion };
    const { jws } = signComposed('inquiry', composed, consumer);
    await setAsserted(trx, row, {
      asserted_ms: nowMs,
      statement: await sealPart(consumer, 'statement', row, jws),
      proof: await sealPart(consumer, 'proof', row, JSON.stringify(proof)),
    });
  });
  // A crash here leaves an asserted inquiry that has not been sent: the next look at it sends it.
}
