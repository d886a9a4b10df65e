import { CausewayError, problem, type ErrorCode } from '@causeway/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** A refusal that is a statement: the problem document of its code, with the signed refusal as the proof. */
export function replyRefusal(
  request: FastifyRequest,
  reply: FastifyReply,
  refused: { code: ErrorCode; refusal: string },
): FastifyReply {
  const document = problem(new CausewayError(refused.code), request.id);
  return reply
    .code(document.status)
    .type('application/problem+json')
    .send({ ...document, refusal: refused.refusal });
}
