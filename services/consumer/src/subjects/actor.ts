import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { subjectOf } from '../identities/epochs.ts';
import type { Acting } from '../mandates/acting.ts';
import type { SignedIn } from './id-token.ts';

/** Whoever acts: a subject by a session, or by an id_token for this one act. */
export interface Actor {
  readonly subjectRef: string;
  readonly signedIn?: SignedIn;
  /** Under which mandate somebody acts for the subject. */
  readonly acting?: Acting;
}

/** An actor who has just signed in for this one act. */
export type SignedInActor = Actor & { readonly signedIn: SignedIn };

/**
 * The actor behind an id_token whose nonce is this one, or has this form. Throws `token_invalid` for a
 * token of another act.
 */
export async function actorByToken(
  consumer: Consumer,
  idToken: string,
  nonce: string | RegExp,
): Promise<SignedInActor> {
  const signedIn = await consumer.verifyIdToken(idToken);
  const fits = typeof nonce === 'string' ? signedIn.nonce === nonce : nonce.test(signedIn.nonce);
  if (!fits) throw new CausewayError('token_invalid', { detail: 'The id_token was issued for another act.' });
  return { subjectRef: await subjectOf(consumer, signedIn.subject), signedIn };
}
