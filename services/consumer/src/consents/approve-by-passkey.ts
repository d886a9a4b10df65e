import { withReceipts } from '@causeway/member';
import {
  CausewayError,
  checkAssertion,
  signComposed,
  type PasskeyAssertion,
  type PasskeyProof,
} from '@causeway/protocol';
import { lockRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import { credentialOf } from '../passkeys/hand-over.ts';
import { passkeysAt } from '../passkeys/in-force.ts';
import { partyOf } from '../passkeys/party.ts';
import { enrolmentsOf } from '../passkeys/proof.ts';
import { passkeysOf } from '../passkeys/repository.ts';
import { openDocument } from './document.ts';
import { checkOpen, recordConsent, type GivenConsent } from './give.ts';

/**
 * The subject approves a request with the passkey in force, whose assertion is over the digest of the very
 * consent that is signed now. The assertion stays beside the consent, and goes with it to whoever verifies.
 * @throws CausewayError `not_found`, `assertion_invalid`; `conflict` where the request, the document or the
 *   passkey is not what it was
 */
export async function approveByPasskey(
  consumer: Consumer,
  refs: readonly string[],
  request: string,
  given: { readonly document: string; readonly assertion: PasskeyAssertion },
): Promise<GivenConsent> {
  const composed = openDocument(consumer, given.document, request);
  const { assertion } = given;
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockRequest(trx, refs, request);
    if (!row) throw new CausewayError('not_found');
    checkOpen(consumer, row);
    const passkeys = await passkeysOf(trx, [row.subject_ref]);
    const { current } = passkeysAt(passkeys, consumer.clock.now());
    if (current?.enrolment !== composed.claims.evidence_digest)
      throw new CausewayError('conflict', { detail: 'Another passkey is in force by now. Begin anew.' });
    const enrolment = credentialOf(current);
    checkAssertion(assertion, { challenge: composed.digest, enrolment, party: partyOf(consumer) });
    const signed = signComposed('consent', composed, consumer);
    const enrolments = await enrolmentsOf(consumer, passkeys, current);
    const proof: PasskeyProof = { enrolments, assertion };
    const evidence = JSON.stringify(proof);
    await recordConsent(consumer, { trx, stage }, row, { signed, evidence });
    return signed;
  });
  // A crash after the commit loses only the answer: the lender and the subject find the consent under the
  // request.
  return { id: value.claims.jti, consent: value.jws, digest: value.digest };
}
