import { withReceipts } from '@causeway/member';
import { CausewayError, sign } from '@causeway/protocol';
import { lockRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import { actOnce } from '../subjects/act-once.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { checkOpen, consentClaims, recordConsent, type GivenConsent } from './give.ts';

/**
 * The subject approves a request with an id_token whose nonce is `approve:<request>:<form digest>`. Whose
 * consent it is comes from the verified identity, and those that were proven to be of the same subject,
 * alone: another person's request is `not_found`, as an absent one. Throws `token_invalid` for a token of
 * another act, form or time, and `conflict` for a request that is not open any more.
 */
export async function approve(consumer: Consumer, request: string, idToken: string): Promise<GivenConsent> {
  const signedIn = await consumer.verifyIdToken(idToken);
  if (!signedIn.nonce.startsWith(`approve:${request}:`)) throw anotherAct();
  const refs = await refsOf(consumer.db, await subjectOf(consumer, signedIn.subject));
  // Here, so that nobody waits for a key with a lock in hand.
  await consumer.subjectKeys.all(refs);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockRequest(trx, refs, request);
    if (!row) throw new CausewayError('not_found');
    if (signedIn.nonce !== `approve:${request}:${row.form_digest}`) throw anotherAct();
    await actOnce(trx, signedIn);
    checkOpen(consumer, row);
    const { digest, role } = signedIn;
    const claims = consentClaims(consumer, row, { role, strength: 'idp', evidence_digest: digest });
    const signed = sign('consent', claims, consumer);
    await recordConsent(consumer, { trx, stage }, row, { signed, evidence: signedIn.token });
    return signed;
  });
  // A crash after the commit loses only the answer: the lender and the subject find the consent under the
  // request.
  return { id: value.claims.jti, consent: value.jws, digest: value.digest };
}

function anotherAct(): CausewayError {
  return new CausewayError('token_invalid', { detail: 'The id_token was issued for another act or form.' });
}
