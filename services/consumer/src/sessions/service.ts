import { transaction } from '@causeway/service';
import { CausewayError, encodeBase64url, sha256Digest } from '@causeway/protocol';
import type { FastifyRequest } from 'fastify';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import { actOnce } from '../subjects/act-once.ts';
import { deleteSession, insertSession, sessionSubject } from './repository.ts';
import { portalCookie } from './portal-cookie.ts';

const lifeMs = 30 * 60_000;

export interface Session {
  /** 256 random bits, as a bearer token or in a cookie; only its digest is kept. */
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

/** What of a request tells whose session it is under. */
export type Sessioned = Pick<FastifyRequest, 'headers' | 'method'>;

/**
 * The subject of a session: of the bearer token, or of the cookie that a browser sends. Throws
 * `token_missing` without one and `token_invalid` for one not alive, or used by a page of another site.
 */
export async function subjectOfSession(consumer: Consumer, request: Sessioned): Promise<string> {
  const token = sha256Digest(tokenOf(consumer, request));
  const subject = await sessionSubject(consumer.db, token, consumer.clock.now());
  if (subject === undefined) throw new CausewayError('token_invalid', { detail: 'The session has ended.' });
  return subject;
}

/** Ends a session at once. Throws as `subjectOfSession`. */
export async function closeSession(consumer: Consumer, request: Sessioned): Promise<void> {
  await deleteSession(consumer.db, sha256Digest(tokenOf(consumer, request)));
}

function tokenOf({ publicUrl }: Consumer, request: Sessioned): string {
  const { authorization } = request.headers;
  const token =
    authorization === undefined
      ? portalCookie(publicUrl).read(request)
      : /^Bearer ([A-Za-z0-9_-]{43})$/u.exec(authorization)?.[1];
  if (token !== undefined) return token;
  throw new CausewayError(authorization === undefined ? 'token_missing' : 'token_invalid', {
    detail: 'Sign in: POST /v1/sessions, then send Authorization: Bearer <session>.',
  });
}
