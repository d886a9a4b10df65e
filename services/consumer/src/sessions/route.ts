import { CausewayError, type Power } from '@causeway/protocol';
import type { App } from '@causeway/service';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { type Acting, actingUnder, refuseActing } from '../mandates/acting.ts';
import { actorByToken, type Actor } from '../subjects/actor.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import { openSession, subjectOfSession } from './service.ts';

/** The body of every act that an id_token authorises by itself. */
export const idTokenSchema = Type.String({ minLength: 1, maxLength: 8192 });

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Set by `requireSession`: all references of the subject whose session it is, the first one first; under
     * a mandate those of whom it is for.
     */
    subjectRefs: readonly string[];
    /** Under which mandate the request is made. */
    acting: Acting | undefined;
  }
}

/**
 * An `onRequest` hook: a live session of a subject, before anything else of the request counts. With a power
 * the route may also be used under a mandate that gives it; without one by nobody but the subject.
 */
export const requireSession =
  (consumer: Consumer, power?: Power) =>
  async (request: FastifyRequest): Promise<void> => {
    const own = await refsOf(consumer.db, await subjectOfSession(consumer, request));
    request.acting = await actingUnder(consumer, request.headers, own, power);
    request.subjectRefs = request.acting ? await refsOf(consumer.db, request.acting.subject_ref) : own;
  };

/**
 * A `preValidation` hook for acts that a session authorises as well as an id_token. A session needs no body.
 */
export const sessionOrToken = (consumer: Consumer, power: Power) => {
  const session = requireSession(consumer, power);
  return async (request: FastifyRequest): Promise<void> => {
    if (carriesIdToken(request.body)) refuseActing(request.headers);
    else await session(request);
    request.body ??= {};
  };
};

/** Who acts, behind `sessionOrToken`: the token's nonce must be this one, or have this form. */
export async function actorOf(
  consumer: Consumer,
  request: {
    readonly body: { readonly id_token?: string };
    readonly subjectRefs: readonly string[];
    readonly acting: Acting | undefined;
  },
  nonce: string | RegExp,
): Promise<Actor> {
  const { id_token: token } = request.body;
  if (token !== undefined) return await actorByToken(consumer, token, nonce);
  const subjectRef = request.subjectRefs[0] ?? '';
  return request.acting === undefined ? { subjectRef } : { subjectRef, acting: request.acting };
}

/** True for a body that carries something as id_token; whether it is one is for its verifier to say. */
function carriesIdToken(body: unknown): boolean {
  const token: unknown =
    typeof body === 'object' && body !== null ? Reflect.get(body, 'id_token') : undefined;
  return typeof token === 'string' && token !== '';
}

/** A `preValidation` hook: who sends no id_token is told so before the rest of the body is looked at. */
export async function requireIdToken(request: FastifyRequest): Promise<void> {
  refuseActing(request.headers);
  if (carriesIdToken(request.body)) return;
  throw new CausewayError('token_missing', {
    detail: 'Sign in at the identity provider and send its id_token.',
    pointer: '/id_token',
  });
}

export function sessionRoutes(app: App, consumer: Consumer): void {
  app.decorateRequest('subjectRefs');
  app.decorateRequest('acting');
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
