import { type Clock, type Random, seconds, uuidv7 } from '@causeway/kernel';
import type { PrivateJwk } from '@causeway/protocol';
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from 'jose';
import { json, send } from './http.ts';

/** One of Causeway's OAuth scopes, each valid at one kind of service. */
export type Scope = 'inquiry.read' | 'consent.request' | 'refs.derive' | 'records.publish';

export interface TokenClientOptions {
  member: string;
  fed: string;
  /** The member's OAuth client key (Ed25519), registered with its admission. */
  authKey: PrivateJwk;
  /** Base URL of the authority's public listener. */
  authorityUrl: string;
  clock: Clock;
  random: Random;
}

interface CachedToken {
  token: string;
  expiresAtMs: number;
}

const ASSERTION_LIFE_S = 30;
const RENEW_BEFORE_MS = 30_000;

/**
 * Tokens of a member: client credentials with private_key_jwt (RFC 7523), bound to a DPoP key of this process
 * (RFC 9449). A token is kept until shortly before it expires and never leaves this object without a fresh
 * proof.
 */
export class TokenClient {
  readonly #options: TokenClientOptions;
  readonly #cache = new Map<string, Promise<CachedToken>>();
  readonly #dpopKey = generateKeyPair('EdDSA', { crv: 'Ed25519' });

  constructor(options: TokenClientOptions) {
    this.#options = options;
  }

  /**
   * The headers that authorise one request at `service`: the token and a proof for exactly this method and
   * URL.
   */
  async headers(service: string, scope: Scope, method: string, url: string): Promise<Record<string, string>> {
    const { token } = await this.#token(service, scope);
    return { authorization: `DPoP ${token}`, dpop: await this.#proof(method, url, token) };
  }

  async #token(service: string, scope: Scope): Promise<CachedToken> {
    const key = `${service} ${scope}`;
    const cached = await this.#cache.get(key)?.catch(() => undefined);
    if (cached && cached.expiresAtMs - RENEW_BEFORE_MS > this.#options.clock.now()) return cached;
    const fresh = this.#fetchToken(service, scope);
    this.#cache.set(key, fresh);
    return fresh;
  }

  async #fetchToken(service: string, scope: Scope): Promise<CachedToken> {
    const { authorityUrl, fed, clock } = this.#options;
    const url = `${authorityUrl}/oauth/token`;
    const form = new URLSearchParams({
      grant_type: 'client_credentials',
      scope,
      resource: `urn:causeway:${fed}:${service}`,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await this.#assertion(),
    });
    const answer = await send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        dpop: await this.#proof('POST', url, undefined),
      },
      body: form.toString(),
    });
    const body = json(answer);
    const expiresIn = Number(body['expires_in']);
    return { token: String(body['access_token']), expiresAtMs: clock.now() + expiresIn * 1000 };
  }

  async #assertion(): Promise<string> {
    const { member, authKey, authorityUrl, clock, random } = this.#options;
    const now = seconds(clock);
    const key = await importJWK({ ...authKey }, 'EdDSA');
    const kid = await calculateJwkThumbprint({ kty: authKey.kty, crv: authKey.crv, x: authKey.x });
    const claims = {
      iss: member,
      sub: member,
      aud: `${authorityUrl}/oauth`,
      jti: uuidv7(clock, random),
      iat: now,
      exp: now + ASSERTION_LIFE_S,
    };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'EdDSA', kid })
      .sign(key);
  }

  async #proof(method: string, url: string, token: string | undefined): Promise<string> {
    const { clock, random } = this.#options;
    const { privateKey, publicKey } = await this.#dpopKey;
    const { kty, crv, x } = await exportJWK(publicKey);
    const { origin, pathname } = new URL(url);
    const claims = {
      jti: uuidv7(clock, random),
      htm: method,
      htu: `${origin}${pathname}`,
      iat: seconds(clock),
      ...(token === undefined ? {} : { ath: await tokenHash(token) }),
    };
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ typ: 'dpop+jwt', alg: 'EdDSA', jwk: { kty, crv, x } as Record<string, string> })
      .sign(privateKey);
  }
}

async function tokenHash(token: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
  return Buffer.from(hash).toString('base64url');
}
