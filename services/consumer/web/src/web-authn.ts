import type { Assertion } from './api.ts';

/** Whether this browser can make and use passkeys. */
export const hasPasskeys = (): boolean =>
  'PublicKeyCredential' in globalThis && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

/** Makes a credential, and takes of it what the service needs. Throws where the person says no. */
export async function makeCredential(options: PublicKeyCredentialCreationOptionsJSON): Promise<object> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const { id, response } = await made(navigator.credentials.create({ publicKey }));
  const { attestationObject, clientDataJSON } = response as AuthenticatorAttestationResponse;
  return {
    credential_id: id,
    client_data: base64url(clientDataJSON),
    attestation: base64url(attestationObject),
  };
}

/** Has a passkey sign, and takes of it what is verified. Throws where the person says no. */
export async function signWithPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<Assertion> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const { id, response } = await made(navigator.credentials.get({ publicKey }));
  const { authenticatorData, clientDataJSON, signature } = response as AuthenticatorAssertionResponse;
  return {
    credential_id: id,
    client_data: base64url(clientDataJSON),
    authenticator_data: base64url(authenticatorData),
    signature: base64url(signature),
  };
}

async function made(asked: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await asked;
  if (credential instanceof PublicKeyCredential) return credential;
  throw new TypeError('the browser gave no passkey');
}

function base64url(buffer: ArrayBuffer): string {
  const text = Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join('');
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
