import { seconds } from '@causeway/kernel';
import type { StageLeaf } from '@causeway/member';
import {
  CausewayError,
  type Consent,
  type Digest,
  type Signed,
  type UnsignedClaims,
} from '@causeway/protocol';
import type { Transaction } from 'kysely';
import { closeRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import type { ConsentRequestRow, ConsentRow, ConsumerTables } from '../tables.ts';
import { freezesOf } from '../freezes/repository.ts';
import { requireUnrestricted } from '../freezes/restriction.ts';
import { insertConsent } from './repository.ts';
import { sealConsent } from './sealed-statement.ts';

const daySeconds = 86_400;

export interface GivenConsent {
  readonly id: string;
  readonly consent: string;
  readonly digest: Digest;
}

/** Throws `conflict` for a request that waits no more, and `member_suspended` where its lender is. */
export function checkOpen({ clock, directory }: Consumer, row: ConsentRequestRow): void {
  if (row.status !== 'pending') {
    throw new CausewayError('conflict', { detail: 'The request has been answered.' });
  }
  if (clock.now() >= row.expires_ms)
    throw new CausewayError('conflict', { detail: 'The request has expired.' });
  if (directory().member(row.lender)?.status !== 'active') throw new CausewayError('member_suspended');
}

/** Who agrees, and what proves it. */
type Will = Pick<Consent, 'evidence_digest' | 'grantor' | 'strength'> & {
  /** How long the person may object before it is valid, in seconds. */
  readonly objection?: number;
};

/** What a consent to a request says, from this moment on or from when nobody can object any more. */
export function consentClaims(
  consumer: Pick<Consumer, 'clock'>,
  row: ConsentRequestRow,
  { evidence_digest, grantor, objection = 0, strength }: Will,
): UnsignedClaims<'consent'> {
  const iat = seconds(consumer.clock);
  const validFrom = iat + objection;
  const validUntil = validFrom + row.valid_days * daySeconds;
  return {
    aud: [row.lender, ...row.bureaus],
    iat,
    exp: validUntil,
    subject_ref: row.subject_ref,
    kind: row.kind,
    grantee: row.lender,
    grantor,
    purposes: row.purposes,
    categories: row.categories,
    bureaus: row.bureaus,
    valid_from: validFrom,
    valid_until: validUntil,
    fetch: row.fetch,
    max_uses: row.max_uses,
    ...(row.frequency === null ? {} : { frequency: row.frequency }),
    recipient_retention: row.recipient_retention,
    form_digest: row.form_digest,
    language: row.language,
    strength,
    evidence_digest,
  };
}

interface Given {
  readonly signed: Signed<'consent'>;
  /** What `evidence_digest` speaks of: the id_token; of a passkey its proof, as JSON. Stored sealed. */
  readonly evidence: string;
}

/** Writes a given consent with its leaf, and closes its request, whose row lock must be held. */
export async function recordConsent(
  consumer: Consumer,
  { stage, trx }: { readonly trx: Transaction<ConsumerTables>; readonly stage: StageLeaf },
  row: ConsentRequestRow,
  given: Given,
): Promise<void> {
  const { claims, digest } = given.signed;
  requireUnrestricted(await freezesOf(trx, [row.subject_ref]));
  await insertConsent(trx, await consentRow(consumer, row, given));
  await closeRequest(trx, row, { status: 'approved', consent: digest });
  await stage(row.subject_ref, {
    typ: 'consent',
    digest,
    inquiry: null,
    use: null,
    iss: consumer.key.member,
    aud: claims.aud.join(' '),
    at_ms: consumer.clock.now(),
    outcome: null,
  });
}

async function consentRow(
  consumer: Consumer,
  request: ConsentRequestRow,
  { evidence, signed: { claims, digest, jws } }: Given,
): Promise<ConsentRow> {
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
    mandate: claims.grantor.mandate ?? null,
    given_ms: claims.valid_from > claims.iat ? claims.iat * 1000 : null,
    ...(await sealConsent(consumer, named, { statement: jws, evidence })),
  };
}
