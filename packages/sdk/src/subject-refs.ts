import { CausewayError } from '@causeway/protocol';
import { blind, finalize, subjectRef } from '@causeway/protocol/blind-reference';
import { type Identifier, subjectInput } from '@causeway/records';
import { json, send } from './http.ts';
import type { TokenClient } from './tokens.ts';

/** The authority evaluates at most this many blinded identifiers in one call. */
const BATCH_MAX = 500;

export interface ReferenceSource {
  tokens: TokenClient;
  authorityUrl: string;
  authority: string;
}

/**
 * The subject references of identifiers, in their order, by oblivious evaluation (RFC 9497): the authority
 * learns how many were asked for, never which.
 *
 * @throws CausewayError `budget_exhausted` when the member's daily budget is spent
 */
export async function deriveSubjectRefs(
  source: ReferenceSource,
  ids: readonly Identifier[],
): Promise<string[]> {
  const refs: string[] = [];
  for (let start = 0; start < ids.length; start += BATCH_MAX) {
    refs.push(...(await deriveBatch(source, ids.slice(start, start + BATCH_MAX))));
  }
  return refs;
}

async function deriveBatch(source: ReferenceSource, ids: readonly Identifier[]): Promise<string[]> {
  const inputs = ids.map((id) => subjectInput(id));
  const blinds = inputs.map((input) => blind(input));
  const url = `${source.authorityUrl}/v1/subject-refs`;
  const answer = json(
    await send({
      method: 'POST',
      url,
      headers: {
        'content-type': 'application/json',
        ...(await source.tokens.headers(source.authority, 'refs.derive', 'POST', url)),
      },
      body: JSON.stringify({
        blinded: blinds.map(({ blinded }) => Buffer.from(blinded).toString('base64url')),
      }),
    }),
  );
  const evaluated = answer['evaluated'];
  if (!Array.isArray(evaluated) || evaluated.length !== ids.length) {
    throw new CausewayError('unavailable', {
      detail: 'the authority evaluated another number of references',
    });
  }
  return inputs.map((input, i) => {
    const { state } = blinds[i] ?? neverMissing();
    const output = finalize(input, state, Buffer.from(String(evaluated[i]), 'base64url'));
    return subjectRef(String(answer['epoch']), output);
  });
}

function neverMissing(): never {
  throw new RangeError('one blind per input');
}
