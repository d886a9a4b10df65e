import { createPublicKey } from 'node:crypto';

import fastifyJwt from '@fastify/jwt';
import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { KeyLookup, MemberEntry } from '@causeway/protocol';
import type { FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';

import { readAccessToken, tokenKeyId } from './access-token.ts';
import type { AccessToken, Caller } from './access-token.ts';
import type { App } from './app.ts';
import { checkProof } from './dpop.ts';
import type { ReplayStore } from './replay-store.ts';

declare module 'fastify' {
  interface FastifyInstance {
    /** An `onRequest` hook: a valid token of an active member, presented by its key, with this scope. */
    requireToken: (scope: string) => (request: FastifyRequest) => Promise<void>;
  }
  interface FastifyRequest {
    /** Set by `requireToken`. */
    caller: Caller;
    /** The token's caller where a token was sent, undefined where none was; a bad token is still refused. */
    optionalCaller: (scope: string) => Promise<Caller | undefined>;
  }
}

export interface TokenOptions {
  /** The authority's issuer, `<authority url>/oauth`. */
  readonly issuer: string;
  /** `urn:causeway:<fed>:<this member>`. */
  readonly audience: string;
  /** The member whose key with use `access-token` signs tokens. */
  readonly authority: string;
  /** The directory of this moment; throws `not_ready`. */
  readonly directory: () => { keys: KeyLookup; member(id: string): MemberEntry | undefined };
  readonly clock: Clock;
  readonly replay: ReplayStore;
  /** Base of `htu`, as members write it. */
  readonly publicUrl: string;
}

/**
 * Lets routes demand a member's access token: issued by the authority for this service (RFC 9068), bound to a
 * key and presented with a fresh proof of that key, once (RFC 9449). Keys come from the directory, so no
 * token, whatever its `kid`, causes a call. Bearer use and certificates forwarded in headers count as
 * nothing.
 */
export async function memberTokens(app: App, options: TokenOptions): Promise<void> {
  const pems = new LRUCache<string, string>({ max: 64 });
  const verified: VerifiedTokens = new LRUCache({ max: tokensMax });
  await app.register(fastifyJwt, {
    secret: async (_request: FastifyRequest, token: unknown) => signingKey(options, pems, headerOf(token)),
    decode: { complete: true },
    // Times are judged by the service's Clock in readAccessToken.
    verify: {
      algorithms: ['EdDSA'],
      ignoreExpiration: true,
      ignoreNotBefore: true,
      cache: false,
      extractToken: tokenOf,
    },
  });
  app.decorateRequest('caller');
  const authenticate = async (request: FastifyRequest, scope: string): Promise<Caller> => {
    const token = await verifyToken(request, options, { pems, verified });
    await checkPossession(request, token, options);
    if (!token.scopes.includes(scope)) throw new CausewayError('scope_insufficient');
    request.caller = { member: token.member, scopes: token.scopes };
    return request.caller;
  };
  app.decorate('requireToken', (scope: string) => async (request: FastifyRequest) => {
    await authenticate(request, scope);
  });
  app.decorateRequest('optionalCaller', async function optionalCaller(this: FastifyRequest, scope: string) {
    if (this.headers.authorization === undefined && this.headers['dpop'] === undefined) return undefined;
    return await authenticate(this, scope);
  });
}

/** Tokens whose signature was found good under a key; a member presents one of them hundreds of times. */
type VerifiedTokens = LRUCache<string, { kid: string; pem: string; claims: Record<string, unknown> }>;
const tokensMax = 4096;

interface Caches {
  readonly pems: LRUCache<string, string>;
  readonly verified: VerifiedTokens;
}

async function verifyToken(
  request: FastifyRequest,
  options: TokenOptions,
  caches: Caches,
): Promise<AccessToken> {
  const claims = await signedClaims(request, options, caches);
  const token = readAccessToken(claims, options, options.clock);
  const member = options.directory().member(token.member);
  if (member === undefined) throw new CausewayError('member_unknown');
  if (member.status !== 'active') throw new CausewayError('member_suspended');
  return token;
}

async function checkPossession(
  request: FastifyRequest,
  token: AccessToken,
  options: TokenOptions,
): Promise<void> {
  const { raw } = request;
  const proof = checkProof(
    {
      proof: onlyHeader(request, 'dpop', 'dpop_invalid'),
      method: request.method,
      url: `${options.publicUrl}${raw.url ?? '/'}`,
      accessToken: tokenOf(request),
      thumbprint: token.thumbprint,
    },
    options.clock,
  );
  if (!(await options.replay.once(proof.replayKey, proof.expiresAtMs))) {
    throw new CausewayError('dpop_invalid', { internal: 'replayed' });
  }
}

/**
 * The claims of a token that the authority signed. Whether its key still counts is asked every time; the
 * signature itself is not judged twice.
 */
async function signedClaims(request: FastifyRequest, options: TokenOptions, { pems, verified }: Caches) {
  const token = tokenOf(request);
  const known = verified.get(token);
  if (known !== undefined && signingKey(options, pems, { kid: known.kid }) === known.pem) return known.claims;
  const kid = tokenKeyId(token);
  try {
    const claims = Object.fromEntries(Object.entries(await request.jwtVerify<object>()));
    verified.set(token, { kid, pem: signingKey(options, pems, { kid }), claims });
    return claims;
  } catch (cause) {
    if (cause instanceof CausewayError) throw cause;
    throw new CausewayError('token_invalid', { internal: 'signature', cause });
  }
}

/** The token of `Authorization: DPoP <token>`; sent as Bearer, it is no token here. */
function tokenOf(request: FastifyRequest): string {
  const match = /^DPoP ([A-Za-z0-9_.-]+)$/iu.exec(onlyHeader(request, 'authorization', 'token_missing'));
  if (match?.[1] === undefined) throw new CausewayError('token_invalid', { internal: 'scheme' });
  return match[1];
}

/** Node drops or joins repeated headers, so they are counted as received. */
function onlyHeader(request: FastifyRequest, name: string, code: 'token_missing' | 'dpop_invalid'): string {
  const { rawHeaders } = request.raw;
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (rawHeaders[at]?.toLowerCase() === name) values.push(rawHeaders[at + 1] ?? '');
  }
  if (values.length > 1) throw new CausewayError(code === 'dpop_invalid' ? code : 'token_invalid');
  const [value] = values;
  if (value === undefined) throw new CausewayError(code);
  return value;
}

function headerOf(token: unknown): unknown {
  return typeof token === 'object' && token !== null ? Reflect.get(token, 'header') : undefined;
}

/** The authority's key by `kid`, with or without the member before it, as PEM for the verifier. */
function signingKey(options: TokenOptions, pems: LRUCache<string, string>, header: unknown): string {
  const kid: unknown = typeof header === 'object' && header !== null ? Reflect.get(header, 'kid') : undefined;
  const full = String(kid).includes(':') ? String(kid) : `${options.authority}:${String(kid)}`;
  const entry = options.directory().keys(full);
  const nowSeconds = options.clock.now() / 1000;
  if (
    entry === undefined ||
    entry.member !== options.authority ||
    !entry.use.includes('access-token') ||
    entry.member_status !== 'active' ||
    entry.from > nowSeconds ||
    (entry.revoked_at !== undefined && entry.revoked_at <= nowSeconds)
  ) {
    throw new CausewayError('token_invalid', { internal: 'no key of the authority for access tokens' });
  }
  const known = pems.get(entry.jwk.x);
  if (known !== undefined) return known;
  const { kty, crv, x } = entry.jwk;
  const pem = createPublicKey({ key: { kty, crv, x }, format: 'jwk' }).export({
    type: 'spki',
    format: 'pem',
  });
  pems.set(x, pem.toString());
  return pem.toString();
}
