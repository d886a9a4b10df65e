import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { blind, finalize, subjectRef } from '@causeway/protocol/blind-reference';
import type { FederationClient } from '@causeway/service';
import Type from 'typebox';
import type { ReferenceSource } from './references.ts';

const evaluation = Type.Object(
  { epoch: Type.String(), evaluated: Type.Array(Type.String(), { minItems: 1, maxItems: 1 }) },
  { additionalProperties: false },
);
const timeoutMs = 5000;

/** Asks the authority's federation listener to evaluate a blinded identity (OPRF, RFC 9497). */
export function blindEvaluation(client: FederationClient, authority: () => string): ReferenceSource {
  return async (input) => {
    const { blinded, state } = blind(input);
    const answer = await client.call({
      member: authority(),
      method: 'POST',
      path: '/v1/subject-refs',
      body: { blinded: [encodeBase64url(blinded)] },
      schema: evaluation,
      timeoutMs,
    });
    const [evaluated] = answer.evaluated;
    if (evaluated === undefined) throw new CausewayError('unavailable', { internal: 'no evaluation' });
    return subjectRef(answer.epoch, finalize(input, state, decodeBase64url(evaluated)));
  };
}
