import { seconds } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import { CausewayError, sign, type ClaimsOf, type Digest, type Signed } from '@causeway/protocol';
import { closeRequest, lockRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import { actOnce } from '../subjects/act-once.ts';
import type { SignedIn } from '../subjects/id-token.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import type { ConsentRequestRow, ConsentRow } from '../tables.ts';
import { insertConsent } from './repository.ts';
import { sealConsent } from './sealed-statement.ts';

const daySeconds = 86_400;

export interface GivenConsent {
  readonly id: string;
  readonly consent: string;
  readonly digest: Digest;
}

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
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    const row = await lockRequest(trx, refs, request);
    if (!row) throw new CausewayError('not_found');
    if (signedIn.nonce !== `approve:${request}:${row.form_digest}`) throw anotherAct();
    await actOnce(trx, signedIn);
    checkOpen(consumer, row);
    const signed = signConsent(consumer, row, signedIn);
    await insertConsent(trx, consentRow(consumer, row, signedIn, signed));
    await closeRequest(trx, row, { status: 'approved', consent: signed.digest });
    await stage(row.subject_ref, {
      typ: 'consent',
      digest: signed.digest,
      inquiry: null,
      use: null,
      iss: consumer.key.member,
      aud: signed.claims.aud.join(' '),
      at_ms: consumer.clock.now(),
      outcome: null,
    });
    return signed;
  });
  // A crash after the commit loses only the answer: the lender and the subject find the consent under the
  // request.
  return { id: value.claims.jti, consent: value.jws, digest: value.digest };
}

function anotherAct(): CausewayError {
  return new CausewayError('token_invalid', { detail: 'The id_token was issued for another act or form.' });
}

function checkOpen({ clock, directory }: Consumer, row: ConsentRequestRow): void {
  if (row.status !== 'pending') {
    throw new CausewayError('conflict', { detail: 'The request has been answered.' });
  }
  if (clock.now() >= row.expires_ms)
    throw new CausewayError('conflict', { detail: 'The request has expired.' });
  if (directory().member(row.lender)?.status !== 'active') throw new CausewayError('member_suspended');
}

function signConsent(consumer: Consumer, row: ConsentRequestRow, signedIn: SignedIn): Signed<'consent'> {
  const validFrom = seconds(consumer.clock);
  const validUntil = validFrom + row.valid_days * daySeconds;
  const claims: Parameters<typeof sign<'consent'>>[1] = {
    aud: [row.lender, ...row.bureaus],
    iat: validFrom,
    exp: validUntil,
    subject_ref: row.subject_ref,
    kind: row.kind,
    grantee: row.lender,
    grantor: { role: signedIn.role },
    purposes: row.purposes,
    categories: row.categories,
    bureaus: row.bureaus,
    valid_from: validFrom,
    valid_until: validUntil,
    fetch: row.fetch,
    max_uses: row.max_uses,
    recipient_retention: row.recipient_retention,
    form_digest: row.form_digest,
    language: row.language,
    strength: 'idp',
    evidence_digest: signedIn.digest,
  };
  return sign('consent', claims, consumer);
}

function consentRow(
  consumer: Consumer,
  request: ConsentRequestRow,
  signedIn: SignedIn,
  { claims, digest, jws }: { claims: ClaimsOf<'consent'>; digest: Digest; jws: string },
): ConsentRow {
  const named = { subject_ref: request.subject_ref, digest };
  return {
    ...named,
    id: claims.jti,
    request: request.id,
    lender: request.lender,
    kind: request.kind,
    purposes: request.purposes,
    categories: request.categories,
    bureaus: request.bureaus,
    valid_from_ms: claims.valid_from * 1000,
    valid_until_ms: claims.valid_until * 1000,
    max_uses: request.max_uses,
    strength: claims.strength,
    state: 'active',
    state_since_ms: consumer.clock.now(),
    uses: 0,
    ...sealConsent(consumer, named, { statement: jws, evidence: signedIn.token }),
  };
}
