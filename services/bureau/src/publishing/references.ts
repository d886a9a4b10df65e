import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { limits } from '@causeway/kernel';
import { CausewayError, decodeBase64url, encodeBase64url } from '@causeway/protocol';
import { blind, finalize, subjectRef } from '@causeway/protocol/blind-reference';
import { subjectInput } from '@causeway/records/identifiers';
import type { Identifier } from '@causeway/records/identifiers';
import type { FederationClient } from '@causeway/service';
import Type from 'typebox';

/**
 * The references of these identifiers, in their order. Raw identifiers stay in memory, for this call only.
 */
export type SubjectReferences = (identifiers: readonly Identifier[]) => Promise<string[]>;

const evaluation = Type.Object(
  { epoch: Type.String(), evaluated: Type.Array(Type.String(), { maxItems: limits.blindBatchMax }) },
  { additionalProperties: false },
);

const timeoutMs = 20_000;

/**
 * Curve operations between two turns of the event loop: a disclosure waits for these few milliseconds at
 * most.
 */
const operationsPerTurn = 16;

/**
 * Blinds here, has the authority evaluate (OPRF, RFC 9497), and finishes here: the authority learns no
 * identifier.
 */
export function blindReferences(
  client: Pick<FederationClient, 'call'>,
  authority: () => string,
): SubjectReferences {
  return async (identifiers) => {
    const refs: string[] = [];
    for (let at = 0; at < identifiers.length; at += limits.blindBatchMax) {
      refs.push(...(await derive(client, authority(), identifiers.slice(at, at + limits.blindBatchMax))));
    }
    return refs;
  };
}

async function derive(
  client: Pick<FederationClient, 'call'>,
  member: string,
  identifiers: readonly Identifier[],
): Promise<string[]> {
  const inputs = identifiers.map(subjectInput);
  const blinded = await inTurns(inputs, (input) => blind(input));
  const answer = await client.call({
    member,
    method: 'POST',
    path: '/v1/subject-refs',
    body: { blinded: blinded.map((each) => encodeBase64url(each.blinded)) },
    schema: evaluation,
    timeoutMs,
  });
  if (answer.evaluated.length !== inputs.length) {
    throw new CausewayError('unavailable', {
      internal: 'the authority evaluated another number of elements',
    });
  }
  return await inTurns(answer.evaluated, (text, at) => {
    const [input, blindedAt] = [inputs[at], blinded[at]];
    if (input === undefined || blindedAt === undefined) throw new RangeError('no such element');
    return subjectRef(answer.epoch, finalize(input, blindedAt.state, decodeBase64url(text)));
  });
}

async function inTurns<T, R>(items: readonly T[], work: (item: T, at: number) => R): Promise<R[]> {
  const out: R[] = [];
  for (const [at, item] of items.entries()) {
    if (at % operationsPerTurn === 0) await yieldToOthers();
    out.push(work(item, at));
  }
  return out;
}
