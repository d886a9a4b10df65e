import { transaction } from '@causeway/service';
import { CausewayError, encodeBase64url, sha256Digest } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import { actOnce } from '../subjects/act-once.ts';
import { insertSession, sessionSubject } from './repository.ts';

const lifeMs = 30 * 60_000;

export interface Session {
  /** Bearer token, 256 random bits; only its digest is kept. */
  readonly session: string;
  readonly expires_at: string;
}

/** Opens a session with an id_token whose nonce is `session:<uuid>`. Throws `token_invalid`. */
export async function openSession(consumer: Consumer, idToken: string): Promise<Session> {
  const { clock, db, random } = consumer;
  const signedIn = await consumer.verifyIdToken(idToken);
  if (!/^session:[0-9a-f-]{36}$/u.test(signedIn.nonce)) {
    throw new CausewayError('token_invalid', { detail: 'The id_token was issued for another act.' });
  }
  const subjectRef = await subjectOf(consumer, signedIn.subject);
  const session = encodeBase64url(random.bytes(32));
  const expiresMs = clock.now() + lifeMs;
  await transaction(db, async (trx) => {
    await actOnce(trx, signedIn);
    // A crash after the commit leaves a session that nobody knows the token of; it expires.
    await insertSession(trx, { token: sha256Digest(session), subjectRef, expiresMs });
  });
  return { session, expires_at: new Date(expiresMs).toISOString() };
}

/**
 * The subject of a bearer session. Throws `token_missing` without one and `token_invalid` for one not alive.
 */
export async function subjectOfSession(
  consumer: Consumer,
  authorization: string | undefined,
): Promise<string> {
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/u.exec(authorization ?? '')?.[1];
  if (token === undefined) {
    throw new CausewayError(authorization === undefined ? 'token_missing' : 'token_invalid', {
      detail: 'Sign in: POST /v1/sessions, then send Authorization: Bearer <session>.',
    });
  }
  const subject = await sessionSubject(consumer.db, sha256Digest(token), consumer.clock.now());
  if (subject === undefined) throw new CausewayError('token_invalid', { detail: 'The session has ended.' });
  return subject;
}
