import { CausewayError } from '@causeway/protocol';
import { personaGrant, type Identity } from './persons.ts';

export interface IdTokenOptions {
  /** The identity provider's address, its issuer. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** A listed person's short id, or an identity document. */
  readonly person: string | Identity;
  /** The enterprise that the person acts for as its legal representative. */
  readonly enterprise?: Identity;
  /** What the token is for, such as `approve:<request id>:<form digest>`. */
  readonly nonce: string;
}

/**
 * Signs a sandbox person in and returns the id_token (5 min, ES256). Throws an Error with the provider's own
 * words where it refuses, and CausewayError `unavailable` where it does not answer.
 */
export async function idTokenFor(options: IdTokenOptions): Promise<string> {
  const { person, enterprise, clientId, clientSecret } = options;
  const form = new URLSearchParams({ grant_type: personaGrant, nonce: options.nonce });
  if (typeof person === 'string') form.set('person', person);
  else form.set('identity', JSON.stringify({ scheme: person.scheme, value: person.value }));
  if (enterprise)
    form.set('enterprise', JSON.stringify({ scheme: enterprise.scheme, value: enterprise.value }));
  const headers = new Headers({ 'content-type': 'application/x-www-form-urlencoded' });
  if (clientSecret === undefined) form.set('client_id', clientId);
  else headers.set('authorization', `Basic ${btoa(`${clientId}:${clientSecret}`)}`);
  const url = new URL('/token', options.issuer);
  const response = await fetch(url, { method: 'POST', headers, body: form }).catch((cause: unknown) => {
    throw new CausewayError('unavailable', { detail: NOBODY_THERE, cause });
  });
  const answer: unknown = await response.json();
  if (typeof answer === 'object' && answer !== null && 'id_token' in answer) return String(answer.id_token);
  const refusal = typeof answer === 'object' && answer !== null && 'error_description' in answer;
  throw new Error(
    `the identity provider refused: ${refusal ? String(answer.error_description) : response.status}`,
  );
}

const NOBODY_THERE =
  'The identity provider of the local federation does not answer; "causeway up" starts the federation.';
