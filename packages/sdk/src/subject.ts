import type { Digest } from '@causeway/protocol';
import type { Access } from './access.ts';
import { json, send } from './http.ts';

/** What a subject gets back when a consent was given. */
export interface GivenConsent {
  id: string;
  consent: string;
  digest: Digest;
}

/** A stop answers within 20 s, when the last grant that was live has ended everywhere. */
const STOP_MS_MAX = 25_000;

/** A node's word that it has stopped: no release has a leaf at this size of its tree, or beyond. */
export interface Acknowledgement {
  node: string;
  tree_size: number;
  acked_at: string;
  /** The signed ack. */
  ack: string;
  /** The status that the ack cites, where it is not the receipt's. */
  status?: string;
}

/** What a subject gets back when something was stopped or resumed. */
export interface StopReceipt {
  id: string;
  status: string;
  /** The signed status. */
  receipt: string;
  acknowledgements: Acknowledgement[];
  /** Who has not acknowledged yet. */
  waiting: string[];
}

/** The nonce that makes an identity token good for approving this one request and nothing else. */
export const approvalNonce = (request: string, formDigest: string): string =>
  `approve:${request}:${formDigest}`;
/** The nonce that makes an identity token good for revoking this one consent and nothing else. */
export const revocationNonce = (consent: string): string => `revoke:${consent}`;
/** The nonce that makes an identity token good for pausing this one consent. */
export const pauseNonce = (consent: string): string => `pause:${consent}`;
/** The nonce that makes an identity token good for resuming this one paused consent. */
export const resumptionNonce = (consent: string): string => `resume:${consent}`;
/** The nonce that makes an identity token good for placing a freeze; `id` is any fresh UUID. */
export const freezeNonce = (id: string): string => `freeze:${id}`;
/** The nonce that makes an identity token good for lifting this one freeze. */
export const thawNonce = (freeze: string): string => `thaw:${freeze}`;
/** The nonce by which both identities of a person sign in for one link; `id` is any fresh UUID. */
export const linkNonce = (id: string): string => `link:${id}`;
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

  /** Returns when all who could still release have acknowledged, or can release no more. */
  async revoke(consent: string, idToken: string): Promise<StopReceipt & { revokedAt: string }> {
    const receipt = await this.#stop(consent, 'revocation', idToken);
    return { ...receipt, revokedAt: String(receipt['revoked_at']) };
  }

  async pause(consent: string, idToken: string): Promise<StopReceipt> {
    return await this.#stop(consent, 'pause', idToken);
  }

  async resume(consent: string, idToken: string): Promise<StopReceipt> {
    return await this.#stop(consent, 'resumption', idToken);
  }

  /** Freezes all access to the subject, under every reference of theirs. */
  async freeze(idToken: string): Promise<StopReceipt> {
    return receiptOf(await this.#post('/v1/freezes', { id_token: idToken }));
  }

  async thaw(freeze: string, idToken: string): Promise<StopReceipt> {
    const path = `/v1/freezes/${encodeURIComponent(freeze)}/thaw`;
    return receiptOf(await this.#post(path, { id_token: idToken }));
  }

  /** The first half of a link: one identity signs in for it. */
  async requestLink(idToken: string): Promise<void> {
    await this.#post('/v1/link-requests', { id_token: idToken });
  }

  /** The second half: under that identity's session, the other one signs in for the same link. */
  async link(session: string, idToken: string): Promise<void> {
    await this.#post('/v1/identities', { id_token: idToken }, session);
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

  async #stop(
    consent: string,
    path: string,
    idToken: string,
  ): Promise<StopReceipt & Record<string, unknown>> {
    const url = `/v1/consents/${encodeURIComponent(consent)}/${path}`;
    return receiptOf(await this.#post(url, { id_token: idToken }));
  }

  async #post(
    path: string,
    body: Record<string, unknown>,
    session?: string,
  ): Promise<Record<string, unknown>> {
    const by = session === undefined ? {} : { authorization: `Bearer ${session}` };
    const headers = { 'content-type': 'application/json', ...by };
    const url = `${this.#base}${path}`;
    const text = JSON.stringify(body);
    return json(await send({ method: 'POST', url, headers, body: text, timeoutMs: STOP_MS_MAX }));
  }
}

/** @throws Error where the answer is none */
function receiptOf(body: Record<string, unknown>): StopReceipt & Record<string, unknown> {
  const { acknowledgements, id, receipt, status, waiting } = body;
  if (typeof receipt !== 'string' || !Array.isArray(acknowledgements) || !Array.isArray(waiting)) {
    throw new TypeError('the answer of the consumer service is no receipt');
  }
  return {
    ...body,
    ...{ id: String(id), status: String(status), receipt },
    acknowledgements: acknowledgements as Acknowledgement[],
    waiting: waiting.map(String),
  };
}
