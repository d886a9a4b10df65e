import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { replyRefusal } from '../refusals/reply.ts';
import { deliverReport } from '../reports/deliver.ts';
import { accept, judgeReceived } from './accept.ts';
import { inquiryKey } from './key.ts';
import { idParams } from './params.ts';
import { viewInquiry } from './view.ts';

const statement = Type.String({ maxLength: limits.statementBytesMax });
const body = Type.Object({ inquiry: statement }, { additionalProperties: false });
const tags = ['federation'];

/**
 * Inquiries of the consumer service, which asks as a person's agent: on the federation listener, where the
 * certificate says who calls. It is an asker like any other, and reaches its own inquiries only.
 */
export function addNodeInquiryRoutes(app: App, broker: Broker): void {
  app.post('/v1/inquiries', { schema: { tags, body } }, async (request, reply) => {
    requireConsumer(broker, request);
    const judgement = judgeReceived(broker, request.body.inquiry);
    if (judgement.inquiry.claims.iss !== request.peer) throw new CausewayError('identity_mismatch');
    if (judgement.verdict === 'accept') broker.backlog.admit('front');
    const answer = await accept(broker, judgement, 'front');
    if ('refused' in answer) return replyRefusal(request, reply, answer.refused);
    const { digest, id } = answer.accepted;
    return reply.code(202).send({ id, digest, state: 'accepted' });
  });
  app.get('/v1/inquiries/:id', { schema: { tags, params: idParams } }, async (request) => {
    requireConsumer(broker, request);
    return await viewInquiry(broker, inquiryKey(request.params.id, request.peer));
  });
  app.get('/v1/inquiries/:id/report', { schema: { tags, params: idParams } }, async (request, reply) => {
    requireConsumer(broker, request);
    return await deliverReport(broker, inquiryKey(request.params.id, request.peer), {}, { request, reply });
  });
}

/** Throws `role_not_permitted` unless the peer is a consumer service. */
export function requireConsumer({ directory }: Broker, { peer }: FastifyRequest): void {
  const { roles = [] } = directory.view().member(peer) ?? {};
  if (!roles.includes('consumer')) throw new CausewayError('role_not_permitted');
}
