import type { Digest } from '@causeway/protocol';
import { json, send } from './http.ts';

/** One line of a subject's access history. */
export interface Access {
  at: string;
  lender: string;
  lender_name: string;
  purpose: string;
  categories: string[];
  bureaus: string[];
  outcome: 'granted' | 'refused';
  code?: string;
  inquiry: Digest;
  decided_by: string;
}

/** What a subject gets back when a consent was given. */
export interface GivenConsent {
  id: string;
  consent: string;
  digest: Digest;
}

/** The nonce that makes an identity token good for approving this one request and nothing else. */
export const approvalNonce = (request: string, formDigest: string): string =>
  `approve:${request}:${formDigest}`;
/** The nonce that makes an identity token good for revoking this one consent and nothing else. */
export const revocationNonce = (consent: string): string => `revoke:${consent}`;
/** The nonce that makes an identity token good for opening one session. */
export const sessionNonce = (id: string): string => `session:${id}`;

/**
 * A subject's client at the consumer service. Each act takes an identity token that the subject's identity
 * provider issued for exactly that act, so that nobody can reuse one for another.
 */
export class SubjectClient {
  readonly #base: string;

  constructor(consumerUrl: string) {
    this.#base = consumerUrl;
  }

  async approve(request: string, idToken: string): Promise<GivenConsent> {
    const body = await this.#post('/v1/consents', { request, id_token: idToken });
    return {
      id: String(body['id']),
      consent: String(body['consent']),
      digest: String(body['digest']) as Digest,
    };
  }

  async revoke(consent: string, idToken: string): Promise<{ revokedAt: string }> {
    const path = `/v1/consents/${encodeURIComponent(consent)}/revocation`;
    const body = await this.#post(path, { id_token: idToken });
    return { revokedAt: String(body['revoked_at']) };
  }

  async openSession(idToken: string): Promise<string> {
    return String((await this.#post('/v1/sessions', { id_token: idToken }))['session']);
  }

  /** Everybody who asked about this subject, newest first: what was granted, and what was refused and why. */
  async accesses(session: string): Promise<Access[]> {
    const all: Access[] = [];
    let cursor: string | undefined;
    do {
      const url = new URL(`${this.#base}/v1/accesses`);
      if (cursor) url.searchParams.set('cursor', cursor);
      const page = json(
        await send({ method: 'GET', url: url.href, headers: { authorization: `Bearer ${session}` } }),
      );
      all.push(...(page['items'] as Access[]));
      cursor = typeof page['next'] === 'string' ? page['next'] : undefined;
    } while (cursor !== undefined);
    return all;
  }

  async #post(path: string, body: Record<string, unknown>): Promise<Record<string, unknown>> {
    const headers = { 'content-type': 'application/json' };
    return json(
      await send({ method: 'POST', url: `${this.#base}${path}`, headers, body: JSON.stringify(body) }),
    );
  }
}
