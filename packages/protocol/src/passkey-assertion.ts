import { sha256Base64url } from '#crypto';
import { Type, type Static } from 'typebox';
import { decodeBase64url, encodeBase64url } from './base64url.ts';
import { exact } from './claim-types.ts';
import type { Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { credentialIdSchema, passkeySignatureHolds } from './passkey-key.ts';
import { schemaCheck } from './schema-check.ts';
import type { Enrolment } from './statements/enrolment.ts';
import { parseStrictJson } from './strict-json.ts';

const base64url = (charactersMax: number) =>
  Type.String({ pattern: `^[A-Za-z0-9_-]{2,${String(charactersMax)}}$` });

/** What an authenticator answers to `navigator.credentials.get`, the parts that prove something. */
export const assertionSchema = exact({
  credential_id: credentialIdSchema,
  client_data: base64url(4096),
  authenticator_data: base64url(2048),
  signature: base64url(1024),
});

export type PasskeyAssertion = Static<typeof assertionSchema>;

/** For whom passkeys sign: the `passkeys` of the consumer service's directory entry. */
export interface PasskeyParty {
  readonly rp_id: string;
  readonly origins: readonly string[];
}

interface Expected {
  /** Of the statement that was to be signed: its 32 bytes are the challenge. */
  readonly challenge: Digest;
  /** Whose passkey it must be. */
  readonly enrolment: Pick<Enrolment, 'credential_id' | 'public_key'>;
  readonly party: PasskeyParty;
}

const check = schemaCheck(assertionSchema, [], 'assertion_invalid');

/**
 * Verifies offline that the person behind an enrolment has signed a statement with their passkey (WebAuthn,
 * section 7.2): the credential, what the browser says of the page and the challenge, what the authenticator
 * says of the party and the person, and its signature over both. The signature counter is ignored: synced
 * passkeys have none.
 * @throws CausewayError `assertion_invalid` with the part at fault
 */
export function checkAssertion(assertion: unknown, expected: Expected): void {
  const { authenticator_data, client_data, credential_id, signature } = check(assertion);
  const { challenge, enrolment, party } = expected;
  if (credential_id !== enrolment.credential_id) throw refused('/credential_id');
  const clientData = bytesOf(client_data, '/client_data');
  checkClientData(clientData, challenge, party.origins);
  const authenticatorData = bytesOf(authenticator_data, '/authenticator_data');
  checkAuthenticatorData(authenticatorData, party.rp_id);
  const signed = new Uint8Array(authenticatorData.length + 32);
  signed.set(authenticatorData);
  signed.set(decodeBase64url(sha256Base64url(clientData)), authenticatorData.length);
  if (!passkeySignatureHolds(enrolment.public_key, signed, bytesOf(signature, '/signature'))) {
    throw refused('/signature');
  }
}

/** WebAuthn, section 5.8.1. Browsers may add members, and say so; those that are known must be right. */
function checkClientData(bytes: Uint8Array, challenge: Digest, origins: readonly string[]): void {
  const said = jsonOf(bytes);
  const holds =
    said['type'] === 'webauthn.get' &&
    said['challenge'] === challenge.slice('sha-256:'.length) &&
    typeof said['origin'] === 'string' &&
    origins.includes(said['origin']) &&
    (said['crossOrigin'] === undefined || said['crossOrigin'] === false) &&
    said['topOrigin'] === undefined;
  if (!holds) throw refused('/client_data');
}

/** The flags of WebAuthn, section 6.1. */
const flag = {
  present: 0x01,
  verified: 0x04,
  backupEligible: 0x08,
  backedUp: 0x10,
  attested: 0x40,
  extensions: 0x80,
} as const;

function checkAuthenticatorData(data: Uint8Array, rpId: string): void {
  const flags = data[32] ?? 0;
  const has = (one: number): boolean => (flags & one) !== 0;
  const holds =
    (has(flag.extensions) ? data.length > 37 : data.length === 37) &&
    encodeBase64url(data.subarray(0, 32)) === sha256Base64url(rpId) &&
    has(flag.present) &&
    has(flag.verified) &&
    !has(flag.attested) &&
    (has(flag.backupEligible) || !has(flag.backedUp));
  if (!holds) throw refused('/authenticator_data');
}

function jsonOf(bytes: Uint8Array): Record<string, unknown> {
  try {
    const value = parseStrictJson(bytes);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Told with the others below: what a browser says is right or it is not.
  }
  throw refused('/client_data');
}

function bytesOf(text: string, pointer: string): Uint8Array {
  try {
    return decodeBase64url(text);
  } catch {
    throw refused(pointer);
  }
}

const refused = (pointer: string): CausewayError => new CausewayError('assertion_invalid', { pointer });
