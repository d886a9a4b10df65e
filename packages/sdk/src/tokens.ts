import { type Clock, type Random, seconds, uuidv7 } from '@causeway/kernel';
import {
  type PrivateJwk,
  type SigningKey,
  encodeBase64url,
  generateKey,
  sha256Digest,
  signingKeyFromJwk,
} from '@causeway/protocol';
import { suiteOf } from '@causeway/protocol/suite';
import { CompactSign, calculateJwkThumbprint, importJWK } from 'jose';
import { json, send } from './http.ts';

/** One of Causeway's OAuth scopes, each valid at one kind of service. */
export type Scope =
  | 'inquiry.read'
  | 'consent.request'
  | 'refs.derive'
  | 'records.publish'
  | 'queue.operate'
  | 'disputes.handle'
  | 'corrections.read'
  | 'adverse-actions.report';

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
  /** The token's SHA-256 in base64url, as every proof for it says (`ath`). */
  hash: string;
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
  readonly #dpopKey: SigningKey;

  constructor(options: TokenClientOptions) {
    this.#options = options;
    this.#dpopKey = signingKeyFromJwk(options.member, generateKey(options.random));
  }

  /**
   * The headers that authorise one request at `service`: the token and a proof for exactly this method and
   * URL.
   */
  async headers(service: string, scope: Scope, method: string, url: string): Promise<Record<string, string>> {
    const { token, hash } = await this.#token(service, scope);
    return { authorization: `DPoP ${token}`, dpop: this.#proof(method, url, hash) };
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
        dpop: this.#proof('POST', url, undefined),
      },
      body: form.toString(),
    });
    const body = json(answer);
    const expiresIn = Number(body['expires_in']);
    const token = String(body['access_token']);
    const hash = sha256Digest(token).slice('sha-256:'.length);
    return { token, hash, expiresAtMs: clock.now() + expiresIn * 1000 };
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

  #proof(method: string, url: string, ath: string | undefined): string {
    const { clock, random } = this.#options;
    const { jwk, private: key } = this.#dpopKey;
    const { origin, pathname } = new URL(url);
    const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk };
    const claims = {
      jti: uuidv7(clock, random),
      htm: method,
      htu: `${origin}${pathname}`,
      iat: seconds(clock),
      ...(ath === undefined ? {} : { ath }),
    };
    const input = `${part(header)}.${part(claims)}`;
    return `${input}.${encodeBase64url(suiteOf(jwk).sign(key, input))}`;
  }
}

const part = (value: object): string => encodeBase64url(new TextEncoder().encode(JSON.stringify(value)));
