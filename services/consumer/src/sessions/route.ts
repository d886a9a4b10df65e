import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { openSession, subjectOfSession } from './service.ts';

/** The body of every act that an id_token authorises by itself. */
export const idTokenSchema = Type.String({ minLength: 1, maxLength: 8192 });

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireSession`: whose session it is. */
    subjectRef: string;
  }
}

/** An `onRequest` hook: a live session of a subject, before anything else of the request counts. */
export const requireSession =
  (consumer: Consumer) =>
  async (request: FastifyRequest): Promise<void> => {
    request.subjectRef = await subjectOfSession(consumer, request.headers.authorization);
  };

/** True for a body that carries something as id_token; whether it is one is for its verifier to say. */
export function carriesIdToken(body: unknown): boolean {
  const token: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'id_token') : undefined;
  return typeof token === 'string' && token !== '';
}

/** A `preValidation` hook: who sends no id_token is told so before the rest of the body is looked at. */
export async function requireIdToken(request: FastifyRequest): Promise<void> {
  if (carriesIdToken(request.body)) return;
  throw new CausewayError('token_missing', {
    detail: 'Sign in at the identity provider and send its id_token.',
    pointer: '/id_token',
  });
}

export function sessionRoutes(app: App, consumer: Consumer): void {
  app.decorateRequest('subjectRef', '');
  app.post(
    '/v1/sessions',
    {
      schema: {
        tags: ['subject'],
        summary: 'Sign in: the id_token has the nonce session:<uuid>',
        body: Type.Object({ id_token: idTokenSchema }, { additionalProperties: false }),
      },
      preValidation: requireIdToken,
    },
    async (request, reply) => reply.code(201).send(await openSession(consumer, request.body.id_token)),
  );
}
