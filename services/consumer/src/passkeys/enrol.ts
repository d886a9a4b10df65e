import { seconds } from '@causeway/kernel';
import { withReceipts } from '@causeway/member';
import { CausewayError, sign, type PasskeyJwk, type Signed, type UnsignedClaims } from '@causeway/protocol';
import { replacementWait_s } from '@causeway/protocol/passkey-proof';
import type { Consumer } from '../consumer.ts';
import { actOnce } from '../subjects/act-once.ts';
import { actorByToken, type SignedInActor } from '../subjects/actor.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { PasskeyRow, RegistrationRow } from '../passkey-rows.ts';
import { announcePasskey } from './announce.ts';
import { passkeysAt } from './in-force.ts';
import { insertPasskey, passkeysOf, takeRegistration } from './repository.ts';
import { sealEnrolment } from './sealed.ts';

/** Within this time a leaf is in its ledger and seen by witnesses, in seconds. */
const mergeDelayMax_s = 60;

/** What a passkey signed can be verified for so long, in seconds. */
const life_s = 10 * 366 * 86_400;

/**
 * Makes a registered credential the passkey of the person who has just signed in for exactly this: the
 * id_token's nonce is `enrol:` and the digest of what the enrolment binds. The first passkey of a subject
 * counts at once. A further one waits 72 hours, unless the one before signs for it (`handover`), and the
 * person is told on the channels that were there before.
 * @throws CausewayError `not_found` for another's registration, as for none; `token_invalid`; `conflict`
 *   where another passkey has come to count meanwhile
 */
export async function enrol(consumer: Consumer, registration: string, idToken: string): Promise<PasskeyRow> {
  const actor = await actorByToken(consumer, idToken, /^enrol:sha-256:/u);
  const { value } = await withReceipts(consumer.db, async (trx, stage) => {
    await lockWholeSubject(trx, actor.subjectRef);
    const made = await takeRegistration(trx, actor.subjectRef, registration);
    const nowMs = consumer.clock.now();
    if (!made || made.expires_ms <= nowMs) throw new CausewayError('not_found');
    if (made.content === null || actor.signedIn.nonce !== `enrol:${made.content}`) throw anotherAct();
    await actOnce(trx, actor.signedIn);
    const { latest } = passkeysAt(await passkeysOf(trx, [made.subject_ref]), nowMs);
    if ((latest?.enrolment ?? null) !== made.replaces) throw changed();
    const signed = signEnrolment(consumer, made, actor);
    const row = await passkeyRow(consumer, made, actor, signed);
    await insertPasskey(trx, row);
    await announcePasskey(consumer, trx, 'added', row);
    await stage(row.subject_ref, {
      ...{ typ: 'enrolment', digest: signed.digest, inquiry: null, use: null },
      ...{ iss: consumer.key.member, aud: signed.claims.aud, at_ms: nowMs, outcome: null },
    });
    return row;
  });
  // A crash after the commit loses only the answer: the passkey stands in the list.
  return value;
}

const anotherAct = (): CausewayError =>
  new CausewayError('token_invalid', { detail: 'The id_token was issued for another act or passkey.' });

const changed = (): CausewayError =>
  new CausewayError('conflict', { detail: 'Another passkey counts by now. Begin anew.' });

function signEnrolment(
  consumer: Consumer,
  { credential_id, public_key, replaces, subject_ref }: RegistrationRow,
  { signedIn }: SignedInActor,
): Signed<'enrolment'> {
  const iat = seconds(consumer.clock);
  const claims: UnsignedClaims<'enrolment'> = {
    aud: 'all',
    iat,
    exp: iat + life_s,
    subject_ref,
    credential_id: credential_id ?? '',
    // This service read and checked it when it was made.
    public_key: JSON.parse(public_key ?? 'null') as PasskeyJwk,
    evidence: signedIn.digest,
    ...(replaces === null ? {} : { replaces }),
  };
  return sign('enrolment', claims, consumer);
}

async function passkeyRow(
  consumer: Consumer,
  { public_key, replaces, subject_ref }: RegistrationRow,
  { signedIn }: SignedInActor,
  { claims, digest, jws }: Signed<'enrolment'>,
): Promise<PasskeyRow> {
  const named = { subject_ref, enrolment: digest };
  // Verifiers count from when witnesses saw the leaf, which takes a minute at most.
  const waitMs = replaces === null ? 0 : (replacementWait_s + mergeDelayMax_s) * 1000;
  return {
    ...named,
    id: claims.jti,
    credential_id: claims.credential_id,
    public_key: public_key ?? '',
    role: signedIn.role,
    replaces,
    handover: null,
    enrolled_ms: claims.iat * 1000,
    counts_from_ms: claims.iat * 1000 + waitMs,
    removed_ms: null,
    ...(await sealEnrolment(consumer, named, { statement: jws, evidence: signedIn.token })),
  };
}
