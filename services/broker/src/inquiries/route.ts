import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { replyRefusal } from '../refusals/reply.ts';
import { deliverReady, deliverReport } from '../reports/deliver.ts';
import { accept, judgeReceived } from './accept.ts';
import { inquiryKey } from './key.ts';
import { laneOf } from './lane.ts';
import { idParams } from './params.ts';
import { preferredWait } from './prefer.ts';
import { linksOf, viewInquiry } from './view.ts';
import { waitForEnd } from './wait.ts';

/** POST /v1/inquiries and GET /v1/inquiries/:id. */
export function addInquiryRoutes(app: App, broker: Broker): void {
  app.post(
    '/v1/inquiries',
    {
      schema: { tags: ['inquiries'], body: Type.String() },
      config: { consumes: ['application/jose'] },
      bodyLimit: limits.statementBytesMax,
      // No body at all is no statement, and is told so like an empty one.
      preValidation: async (request) => {
        request.body ??= '';
      },
    },
    async (request, reply) => await postInquiry(broker, request, reply, request.body),
  );
  app.get(
    '/v1/inquiries/:id',
    { schema: { tags: ['inquiries'], params: idParams }, onRequest: app.requireToken('inquiry.read') },
    async (request) => await viewInquiry(broker, inquiryKey(request.params.id, request.caller.member)),
  );
}

/**
 * The statement authenticates. A token counts only for waiting, and it must then be the sender's own: one of
 * another member, or a bad one, refuses the whole request before anything is written.
 */
async function postInquiry(
  broker: Broker,
  request: FastifyRequest,
  reply: FastifyReply,
  jws: string,
): Promise<FastifyReply> {
  const judgement = judgeReceived(broker, jws);
  const caller = await request.optionalCaller('inquiry.read');
  if (caller !== undefined && caller.member !== judgement.inquiry.claims.iss) {
    throw new CausewayError('identity_mismatch');
  }
  const lane = laneOf(judgement.inquiry.claims, request.headers['priority']);
  if (judgement.verdict === 'accept') broker.backlog.admit(lane);
  const answer = await accept(broker, judgement, lane);
  if ('refused' in answer) return replyRefusal(request, reply, answer.refused);
  const { digest, id, key } = answer.accepted;
  const links = linksOf(id);
  reply.header('location', links.self);
  const wait = caller === undefined ? undefined : preferredWait(request.headers['prefer']);
  const ended = wait === undefined ? 'not_yet' : await waitForEnd(broker, key, wait, goneSignal(reply));
  if (ended !== 'not_yet') {
    const http = { request, reply: reply.header('preference-applied', 'wait') };
    return ended === 'stored'
      ? await deliverReport(broker, key, {}, http)
      : await deliverReady(broker, ended, http);
  }
  return reply.code(202).header('retry-after', '1').send({ id, digest, state: 'accepted', links });
}

/** Aborts when the caller has hung up. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}
