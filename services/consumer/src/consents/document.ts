import {
  CausewayError,
  compose,
  decodeBase64url,
  encodeBase64url,
  readUnverified,
  sha256Digest,
  type Composed,
  type Consent,
} from '@causeway/protocol';
import { open, seal } from '@causeway/service';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { findRequest } from '../consent-requests/repository.ts';
import type { Consumer } from '../consumer.ts';
import { passkeysAt } from '../passkeys/in-force.ts';
import { assertionOptions, partyOf } from '../passkeys/party.ts';
import { passkeysOf } from '../passkeys/repository.ts';
import { checkOpen, consentClaims } from './give.ts';

/** From the composition to the signature, less than a receiver allows a consent. */
const lifeMs = 5 * 60_000;
const aad = 'consent document';

/** A consent that waits for its signatures; only this service can read it, whoever carries it meanwhile. */
const draftSchema = Type.Object(
  { request: Type.String(), input: Type.String(), expires: Type.Integer() },
  { additionalProperties: false },
);

/**
 * Composes the consent to a request, as it will be signed, for the passkey in force to agree to by its
 * digest. Nothing is written: the document travels, sealed, with the browser.
 * @throws CausewayError `not_found` for another's request, as for none; `conflict` where it is not open,
 *   was read in another form, or its subject has no passkey in force
 */
export async function composeConsent(
  consumer: Consumer,
  refs: readonly string[],
  asked: { readonly request: string; readonly form_digest: string },
) {
  const row = await findRequest(consumer.db, refs, asked.request);
  if (!row) throw new CausewayError('not_found');
  checkOpen(consumer, row);
  if (row.form_digest !== asked.form_digest)
    throw new CausewayError('conflict', { detail: 'The form is another one.', pointer: '/form_digest' });
  const party = partyOf(consumer);
  const { current } = passkeysAt(await passkeysOf(consumer.db, [row.subject_ref]), consumer.clock.now());
  if (current === undefined) throw new CausewayError('conflict', { detail: 'There is no passkey in force.' });
  const grantor = { role: current.role };
  const will = { grantor, strength: 'passkey', evidence_digest: current.enrolment } as const;
  const { digest, input } = compose('consent', consentClaims(consumer, row, will), consumer);
  const draft = { request: row.id, input, expires: consumer.clock.now() + lifeMs };
  return {
    document: encodeBase64url(
      seal(consumer.sealing, Buffer.from(JSON.stringify(draft)), aad, consumer.random),
    ),
    digest,
    options: assertionOptions(party, digest, [current.credential_id]),
  };
}

/**
 * The document for this request. @throws CausewayError `conflict` for another one's, or one that was
 * composed too long ago
 */
export function openDocument(
  { clock, sealing }: Pick<Consumer, 'clock' | 'sealing'>,
  document: string,
  request: string,
): Composed<'consent'> {
  const draft = readDraft(sealing, document);
  if (draft?.request !== request || draft.expires <= clock.now()) {
    throw new CausewayError('conflict', {
      detail: 'This document is not to be signed any more. Begin anew.',
    });
  }
  const { input } = draft;
  // This service wrote and checked it when it composed it.
  const claims = readUnverified(`${input}.AA`).claims as Consent;
  return { input, digest: sha256Digest(input), claims };
}

function readDraft(sealing: Uint8Array, document: string) {
  try {
    const draft: unknown = JSON.parse(open(sealing, decodeBase64url(document), aad).toString());
    return Value.Check(draftSchema, draft) ? draft : undefined;
  } catch {
    return undefined;
  }
}
