import {
  type KeyObject,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
} from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { seconds, systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { type PrivateJwk, generateKey, thumbprint } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { type Answer, request } from './answers.ts';
import { publicHalf } from './applicant.ts';

type Members = Record<string, unknown>;
type Signer = (input: string) => string;

/** Changes to a good header and good claims; a member set to undefined is left out. */
export interface Spoilt {
  header?: Members;
  claims?: Members;
  signer?: Signer;
}

const FORM = 'application/x-www-form-urlencoded';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const signed = (digest: string | null, input: string, key: KeyObject): string =>
  sign(digest, Buffer.from(input), key).toString('base64url');

/** Signers of other kinds than the Ed25519 that a good one has. */
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const byRsa: Signer = (input) => signed('sha256', input, rsa.privateKey);
export const rsaJwk = rsa.publicKey.export({ format: 'jwk' });
export const byNobody: Signer = () => '';
export const byKey =
  (key: PrivateJwk): Signer =>
  (input) =>
    signed(null, input, createPrivateKey({ key: { ...key }, format: 'jwk' }));
/** HS256 with the public key as the secret, in the form in which verifiers hold it. */
export const byPublicKeyAsSecret =
  (key: PrivateJwk): Signer =>
  (input) => {
    const pem = createPublicKey({ key: { ...publicHalf(key) }, format: 'jwk' });
    const secret = pem.export({ type: 'spki', format: 'pem' });
    return createHmac('sha256', secret).update(input).digest('base64url');
  };

/** A compact JWS of any header and claims, by any signer. */
export function jose(header: Members, claims: Members, signer: Signer): string {
  const input = `${b64(header)}.${b64(claims)}`;
  return `${input}.${signer(input)}`;
}

export const now = (): number => seconds(systemClock);
export const freshId = (): string => uuidv7(systemClock, systemRandom);

/** A client assertion of a member (RFC 7523), good but for the changes. */
export function assertionOf(federation: Federation, member: string, spoilt: Spoilt = {}): string {
  const key = federation.keys(member).auth;
  const iat = now();
  const aud = `${federation.url('authority')}/oauth`;
  const claims = { iss: member, sub: member, aud, jti: freshId(), iat, exp: iat + 30, ...spoilt.claims };
  const header = { alg: 'EdDSA', kid: thumbprint(publicHalf(key)), ...spoilt.header };
  return jose(header, claims, spoilt.signer ?? byKey(key));
}

/** What a DPoP proof (RFC 9449) is for; `token` where one is presented. */
export interface Proved {
  method: string;
  url: string;
  token?: string;
}

/** A DPoP proof by this key, good but for the changes. */
export function proofOf(key: PrivateJwk, { method, url, token }: Proved, spoilt: Spoilt = {}): string {
  const ath = token === undefined ? {} : { ath: hashOf(token) };
  const claims = { jti: freshId(), htm: method, htu: url, iat: now(), ...ath, ...spoilt.claims };
  const header = { typ: 'dpop+jwt', alg: 'EdDSA', jwk: publicHalf(key), ...spoilt.header };
  return jose(header, claims, spoilt.signer ?? byKey(key));
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Where a token is wanted and for what. */
export interface TokenFor {
  service: string;
  scope: string;
}
export const READING: TokenFor = { service: 'broker', scope: 'inquiry.read' };

/** Asks the real authority for a token. The error of a refusal is `body.error` (RFC 6749). */
export function askToken(
  federation: Federation,
  { service, scope }: TokenFor,
  parts: { assertion: string | undefined; proof?: string; key?: PrivateJwk },
): Promise<Answer> {
  const url = `${federation.url('authority')}/oauth/token`;
  const proof = parts.proof ?? proofOf(parts.key ?? generateKey(), { method: 'POST', url });
  const resource = `urn:causeway:${federation.ceremony.fed}:${service}`;
  const form = new URLSearchParams({ grant_type: 'client_credentials', scope, resource });
  if (parts.assertion !== undefined) {
    form.set('client_assertion_type', ASSERTION_TYPE);
    form.set('client_assertion', parts.assertion);
  }
  return request(url, {
    method: 'POST',
    headers: { 'content-type': FORM, dpop: proof },
    body: form.toString(),
  });
}

/** A token of a member, bound to `key`. */
export async function tokenOf(
  federation: Federation,
  member: string,
  key: PrivateJwk,
  wanted = READING,
): Promise<string> {
  const { status, body } = await askToken(federation, wanted, {
    assertion: assertionOf(federation, member),
    key,
  });
  if (status !== 200) throw new Error(`no token: ${status} ${String(body['error'])}`);
  return String(body['access_token']);
}

/** Status and code of a GET whose headers may be repeated, which `fetch` would join. */
export function getRepeating(url: string, headers: Record<string, string | string[]>): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(`${response.statusCode} ${codeIn(text)}`));
    });
    sent.on('error', reject).end();
  });
}

function codeIn(text: string): string {
  const { code } = JSON.parse(text) as { code?: unknown };
  return typeof code === 'string' ? code : 'answered';
}
