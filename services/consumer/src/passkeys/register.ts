import { uuidv7 } from '@causeway/kernel';
import { CausewayError, encodeBase64url, enrolmentContent, type Digest } from '@causeway/protocol';
import { passkeyKeyProblem } from '@causeway/protocol/passkey-key';
import {
  generateRegistrationOptions,
  verifyRegistrationResponse,
  type RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Consumer } from '../consumer.ts';
import { algorithmIds, jwkOfCose } from './cose-key.ts';
import { passkeysAt } from './in-force.ts';
import { partyOf } from './party.ts';
import {
  countRegistrations,
  findRegistration,
  insertRegistration,
  keepCredential,
  passkeysOf,
} from './repository.ts';

/** From the first click to the end of the sign-in that binds the passkey. */
const lifeMs = 15 * 60_000;
/** Under way at a time for one subject. */
const openMax = 8;

/** What a browser answers to `navigator.credentials.create`, the parts that say something; base64url. */
export interface MadeCredential {
  readonly credential_id: string;
  readonly client_data: string;
  readonly attestation: string;
}

/**
 * Begins a registration: what the browser is given for `navigator.credentials.create`. The user handle is
 * random and the account has no name, so that an authenticator learns nothing of the person.
 * @throws CausewayError conflict: no passkeys here; `rate_limited`
 */
export async function beginRegistration(consumer: Consumer, subjectRef: string) {
  const { clock, db, random } = consumer;
  const party = partyOf(consumer);
  if ((await countRegistrations(db, subjectRef)) >= openMax) throw new CausewayError('rate_limited');
  const rows = await passkeysOf(db, [subjectRef]);
  const { current, latest, waiting } = passkeysAt(rows, clock.now());
  const kept = [...(current === undefined ? [] : [current]), ...waiting];
  const challenge = random.bytes(32);
  const id = uuidv7(clock, random);
  const expires_ms = clock.now() + lifeMs;
  const options = await generateRegistrationOptions({
    ...{ rpName: 'Causeway', rpID: party.rp_id, userName: 'Causeway', userDisplayName: 'Causeway' },
    ...{ userID: Uint8Array.from(random.bytes(32)), challenge: Uint8Array.from(challenge) },
    ...{ attestationType: 'none', supportedAlgorithmIDs: algorithmIds },
    excludeCredentials: kept.map(({ credential_id }) => ({ id: credential_id })),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
  });
  await insertRegistration(db, {
    ...{ subject_ref: subjectRef, id, challenge: encodeBase64url(challenge), expires_ms },
    ...{ replaces: latest?.enrolment ?? null, credential_id: null, public_key: null, content: null },
  });
  // A crash here leaves a registration that nobody knows of; it expires.
  return { id, options };
}

/**
 * Takes the credential that the browser has made, and says what the person signs in for to make it theirs.
 * @throws CausewayError `not_found`, `assertion_invalid`, `weak_key`, `conflict`: it has its credential
 */
export async function completeRegistration(
  consumer: Consumer,
  subjectRef: string,
  { id, ...made }: MadeCredential & { readonly id: string },
): Promise<{ id: string; content: Digest }> {
  const { clock, db, fed } = consumer;
  const row = await findRegistration(db, subjectRef, id);
  if (!row || row.expires_ms <= clock.now()) throw new CausewayError('not_found');
  const credential = await checked(consumer, row.challenge, made);
  const public_key = jwkOfCose(credential.publicKey);
  const problem = passkeyKeyProblem(public_key);
  if (problem !== undefined) throw new CausewayError('weak_key', { detail: problem });
  const { replaces, subject_ref } = row;
  const bound = { fed, subject_ref, credential_id: credential.id, public_key };
  const content = enrolmentContent(replaces === null ? bound : { ...bound, replaces });
  const kept = { credential_id: credential.id, public_key: JSON.stringify(public_key), content };
  // A crash after this leaves a credential without a sign-in; it expires.
  if (!(await keepCredential(db, row, kept))) throw new CausewayError('conflict');
  return { id, content };
}

async function checked(consumer: Consumer, challenge: string, made: MadeCredential) {
  const party = partyOf(consumer);
  const response: RegistrationResponseJSON = {
    ...{ id: made.credential_id, rawId: made.credential_id, type: 'public-key', clientExtensionResults: {} },
    response: { clientDataJSON: made.client_data, attestationObject: made.attestation },
  };
  try {
    const { registrationInfo, verified } = await verifyRegistrationResponse({
      ...{ response, expectedChallenge: challenge, expectedOrigin: [...party.origins] },
      ...{ expectedRPID: party.rp_id, supportedAlgorithmIDs: algorithmIds, requireUserVerification: true },
    });
    if (verified) return registrationInfo.credential;
  } catch (cause) {
    throw notMade(cause);
  }
  throw notMade(undefined);
}

const notMade = (cause: unknown): CausewayError =>
  new CausewayError('assertion_invalid', { detail: 'This is no new passkey for this service.', cause });
