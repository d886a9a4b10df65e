import { type Random, limits } from '@causeway/kernel';
import { CausewayError, type DirectoryView, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { type ReferenceEpoch, blindBatch, finishBatch } from '@causeway/protocol/blind-batch';
import { type Identifier, subjectInput } from '@causeway/records';
import { json, send } from './http.ts';
import type { TokenClient } from './tokens.ts';

export interface ReferenceSource {
  tokens: TokenClient;
  authorityUrl: string;
  authority: string;
  /** The directory of this moment: it says in which epoch references count, and what its canary comes to. */
  view: DirectoryView;
  random: Random;
}

/**
 * The subject references of identifiers, in their order, by oblivious evaluation (RFC 9497): the authority
 * learns how many were asked for, never which. Each batch hides a canary among them: where it does not come
 * to what the directory publishes, another key was used and no reference is given.
 *
 * @param epoch one that the directory publishes; without it the current one
 * @throws CausewayError `budget_exhausted` when the member's daily budget is spent, `not_ready` where the
 * directory publishes no such epoch, `unavailable` where the canary fails
 */
export async function deriveSubjectRefs(
  source: ReferenceSource,
  ids: readonly Identifier[],
  epoch?: string,
): Promise<string[]> {
  const published = epochIn(source.view, epoch);
  const refs: string[] = [];
  for (let start = 0; start < ids.length; start += limits.blindBatchMax) {
    const inputs = ids.slice(start, start + limits.blindBatchMax).map(subjectInput);
    refs.push(...(await deriveBatch(source, inputs, published)));
  }
  return refs;
}

function epochIn({ references }: DirectoryView, asked: string | undefined): ReferenceEpoch {
  const name = asked ?? references?.current;
  const found = references?.epochs.find(({ epoch }) => epoch === name);
  if (found) return found;
  throw new CausewayError('not_ready', { detail: 'the directory publishes no such epoch of references' });
}

async function deriveBatch(
  source: ReferenceSource,
  inputs: readonly Uint8Array[],
  published: ReferenceEpoch,
): Promise<string[]> {
  const batch = blindBatch(inputs, source.random);
  const evaluated = await evaluate(source, published.epoch, batch.blinded);
  const refs = finishBatch(inputs, batch, evaluated, published);
  if (refs) return refs;
  throw new CausewayError('unavailable', {
    detail: 'the authority evaluates references under another key than the directory says',
  });
}

async function evaluate(
  { authority, authorityUrl, tokens }: ReferenceSource,
  epoch: string,
  blinded: readonly Uint8Array[],
): Promise<Uint8Array[]> {
  const url = `${authorityUrl}/v1/subject-refs`;
  const authorised = await tokens.headers(authority, 'refs.derive', 'POST', url);
  const headers = { 'content-type': 'application/json', ...authorised };
  const body = JSON.stringify({ epoch, blinded: blinded.map(encodeBase64url) });
  const { epoch: used, evaluated } = json(await send({ method: 'POST', url, headers, body }));
  if (used !== epoch || !Array.isArray(evaluated)) {
    throw new CausewayError('unavailable', { detail: 'the authority answered for another epoch' });
  }
  return evaluated.map((text) => decodeBase64url(String(text), '/evaluated'));
}
