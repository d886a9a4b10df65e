import { withReceipts } from '@causeway/member';
import { CausewayError, sign } from '@causeway/protocol';
import { lockRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import { actorUnder, checkScope, holdMandate, nonceFor } from '../mandates/acting.ts';
import { actOnce } from '../subjects/act-once.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { checkOpen, consentClaims, recordConsent, type GivenConsent } from './give.ts';

/**
 * The subject approves a request with an id_token whose nonce is `approve:<request>:<form digest>`; somebody
 * who acts for them, within the mandate, with `:for:<mandate>` behind it. Whose consent it is comes from the
 * verified identity, and those that were proven to be of the same subject, or from the mandate, alone:
 * another person's request is `not_found`, as an absent one. Throws `token_invalid` for a token of another
 * act, form or time, and `conflict` for a request that is not open any more.
 */
export async function approve(
  consumer: Consumer,
  request: string,
  idToken: string,
  mandate?: string,
): Promise<GivenConsent> {
  const named = new RegExp(`^approve:${request}:`, 'u');
  const actor = await actorUnder(consumer, idToken, named, { mandate, power: 'consent' });
  const { acting, signedIn } = actor;
  const refs = await refsOf(consumer.db, actor.subjectRef);
  // Here, so that nobody waits for a key with a lock in hand.
  await consumer.subjectKeys.all(refs);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockRequest(trx, refs, request);
    if (!row) throw new CausewayError('not_found');
    checkScope(acting, row.purposes);
    if (signedIn.nonce !== nonceFor(`approve:${request}:${row.form_digest}`, mandate)) throw anotherAct();
    const under = await holdMandate(trx, consumer, acting);
    await actOnce(trx, signedIn);
    checkOpen(consumer, row);
    const grantor = acting && under ? { role: acting.kind, mandate: under } : { role: signedIn.role };
    const will = { grantor, strength: 'idp', evidence_digest: signedIn.digest } as const;
    const claims = consentClaims(consumer, row, will);
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
