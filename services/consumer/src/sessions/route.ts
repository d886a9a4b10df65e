import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { actorByToken, type Actor } from '../subjects/actor.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { openSession, subjectOfSession } from './service.ts';

/** The body of every act that an id_token authorises by itself. */
export const idTokenSchema = Type.String({ minLength: 1, maxLength: 8192 });

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by `requireSession`: all references of the subject whose session it is, the first one first. */
    subjectRefs: readonly string[];
  }
}

/** An `onRequest` hook: a live session of a subject, before anything else of the request counts. */
export const requireSession =
  (consumer: Consumer) =>
  async (request: FastifyRequest): Promise<void> => {
    const subjectRef = await subjectOfSession(consumer, request);
    request.subjectRefs = await refsOf(consumer.db, subjectRef);
  };

/**
 * A `preValidation` hook for acts that a session authorises as well as an id_token. A session needs no body.
 */
export const sessionOrToken = (consumer: Consumer) => {
  const session = requireSession(consumer);
  return async (request: FastifyRequest): Promise<void> => {
    if (!carriesIdToken(request.body)) await session(request);
    request.body ??= {};
  };
};

/** Who acts, behind `sessionOrToken`: the token's nonce must be this one, or have this form. */
export async function actorOf(
  consumer: Consumer,
  request: { readonly body: { readonly id_token?: string }; readonly subjectRefs: readonly string[] },
  nonce: string | RegExp,
): Promise<Actor> {
  const { id_token: token } = request.body;
  if (token !== undefined) return await actorByToken(consumer, token, nonce);
  return { subjectRef: request.subjectRefs[0] ?? '' };
}

/** True for a body that carries something as id_token; whether it is one is for its verifier to say. */
function carriesIdToken(body: unknown): boolean {
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
  app.decorateRequest('subjectRefs');
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
