import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { decodeBase64url } from './base64url.ts';
import { CausewayError } from './errors.ts';
import { type PublicJwk, publicKey } from './keys.ts';
import { parseStrictJson } from './strict-json.ts';
import { suiteOf } from './suite.ts';

const PAYLOAD_CHARS_MAX = 8192;

/** Reads a protected header that must hold exactly `expected`; anything more could change what was signed. */
export function checkHeader(encoded: string, expected: Readonly<Record<string, string>>): void {
  const header = objectOf(parseStrictJson(decodeBase64url(encoded, '/protected')));
  for (const [name, value] of Object.entries(expected)) {
    if (header[name] === value) continue;
    throw new CausewayError(name === 'alg' ? 'algorithm' : 'statement_type', { pointer: `/header/${name}` });
  }
  if (Object.keys(header).length !== Object.keys(expected).length)
    throw new CausewayError('header_not_permitted');
}

/**
 * The `kid` of a protected header, to find the key by; the header itself is checked with that key at hand.
 */
export function kidOfHeader(encoded: string): unknown {
  return objectOf(parseStrictJson(decodeBase64url(encoded, '/protected')))['kid'];
}

/** Whether `signature` is the key's signature over `protected.payload` as received. */
export function signatureHolds(jwk: PublicJwk, input: string, signature: string): boolean {
  return suiteOf(jwk).verify(publicKey(jwk), input, decodeBase64url(signature, '/signature'));
}

/** Strict JSON that matches a closed schema. @throws CausewayError `statement_malformed` with the pointer */
export function readPayload<S extends TSchema>(schema: S, encoded: string): Static<S> {
  if (encoded.length > PAYLOAD_CHARS_MAX)
    throw new CausewayError('statement_malformed', { detail: 'Too large.' });
  const payload = parseStrictJson(decodeBase64url(encoded, '/payload'));
  if (Value.Check(schema, payload)) return payload;
  const first = Value.Errors(schema, payload)[0];
  throw new CausewayError('statement_malformed', {
    detail: 'The signed payload does not match its schema.',
    pointer: first?.instancePath ?? '/payload',
  });
}

/**
 * The payload of a compact JWS by exactly this key and of exactly this type.
 * @throws CausewayError `signature_invalid`, `statement_malformed`, `statement_type`, `algorithm`
 */
export function readProof<S extends TSchema>(jws: string, typ: string, jwk: PublicJwk, schema: S): Static<S> {
  const [header, payload, signature, ...rest] = jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) {
    throw new CausewayError('statement_malformed', { detail: 'A proof is a compact JWS of three parts.' });
  }
  checkHeader(header, { typ, alg: suiteOf(jwk).alg });
  if (!signatureHolds(jwk, `${header}.${payload}`, signature)) throw new CausewayError('signature_invalid');
  return readPayload(schema, payload);
}

function objectOf(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new CausewayError('statement_malformed', { detail: 'A JOSE header is a JSON object.' });
}
