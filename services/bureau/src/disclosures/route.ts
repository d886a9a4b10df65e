import { limits } from '@causeway/kernel';
import { CausewayError, passkeyProofSchema } from '@causeway/protocol';
import type { Problem } from '@causeway/protocol';
import { problemOf } from '@causeway/service';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import { disclose } from './disclose.ts';
import { release } from './release.ts';
import type { Outcome } from './release.ts';
import { verifyItem } from './verify-item.ts';

const closed = { additionalProperties: false } as const;
const statement = Type.String({ maxLength: limits.statementBytesMax });
const item = Type.Object(
  {
    inquiry: statement,
    grant: statement,
    /** Of a grant that claims a passkey. */
    consent: Type.Optional(statement),
    passkey: Type.Optional(passkeyProofSchema),
  },
  closed,
);
const body = Type.Object(
  { items: Type.Array(item, { minItems: 1, maxItems: limits.batchItemsMax }) },
  closed,
);

type Result =
  | { readonly disclosure: string }
  | { readonly refusal: string; readonly code: string }
  | { readonly error: Problem };

type Ready = Outcome | { readonly error: Problem };

/** The gated query endpoint: each item is decided by itself, and one that fails fails alone. */
export function disclosureRoutes(app: App, bureau: Bureau): void {
  const bodyLimit = 2 * limits.batchItemsMax * limits.statementBytesMax;
  app.post(
    '/v1/disclosures',
    { bodyLimit, schema: { tags: ['federation'], body } },
    async (request, reply) => {
      requireBroker(bureau, request.peer);
      const ready = await Promise.all(
        request.body.items.map(async (asked): Promise<Ready> => {
          try {
            return await disclose(bureau, await verifyItem(bureau, asked, request.peer));
          } catch (error) {
            return { error: asProblem(request, error) };
          }
        }),
      );
      // The serializer runs when the answer is about to be written: nothing is released before, or after
      // its time.
      reply.serializer(() => JSON.stringify({ results: ready.map((each) => send(bureau, request, each)) }));
      return await reply.type('application/json').send({});
    },
  );
}

function requireBroker(bureau: Bureau, peer: string): void {
  const roles = bureau.directory.view().member(peer)?.roles ?? [];
  if (!roles.includes('broker')) throw new CausewayError('role_not_permitted');
}

function send({ clock }: Bureau, request: FastifyRequest, ready: Ready): Result {
  if (!('permit' in ready)) return ready;
  try {
    const { permit, receipt, stored } = ready;
    return {
      disclosure: release(permit, receipt, stored, { nowMs: clock.now(), monotonicMs: clock.monotonic() }),
    };
  } catch (error) {
    return { error: asProblem(request, error) };
  }
}

function asProblem(request: FastifyRequest, error: unknown): Problem {
  if (error instanceof CausewayError)
    request.log.info({ event: 'disclosure_denied', code: error.code, err: error });
  else request.log.error({ event: 'disclosure_failed', err: error });
  return problemOf(error, request.id);
}
