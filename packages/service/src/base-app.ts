import type { Server, RequestListener } from 'node:http';

import { limits, uuidv7 } from '@causeway/kernel';
import type { Clock, Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { LogController, fastify } from 'fastify';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';

import type { App } from './app.ts';
import { acceptBodies } from './bodies.ts';
import type { Log } from './log.ts';
import { answerBrokenRequest, answerErrors, sendProblem } from './problem-replies.ts';
import { serverBounds } from './server.ts';
import { strictValidator } from './strict-validator.ts';

export interface BaseOptions {
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  /** Bytes of a request body; a route may say less or more with its own `bodyLimit`. */
  readonly bodyLimit?: number | undefined;
}

/**
 * What both listeners share: bounds, body parsers, strict validation, problem documents, request ids, the log
 * line.
 */
export function baseApp(options: BaseOptions, server: (handler: RequestListener) => Server): App {
  const logger: FastifyBaseLogger = options.log;
  const app: App = fastify({
    serverFactory: (handler) => answerBrokenRequest(server(handler)),
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit ?? limits.bodyBytesMax,
    genReqId: () => uuidv7(options.clock, options.random),
    requestIdHeader: false,
    return503OnClosing: true,
    routerOptions: { maxParamLength: 128, caseSensitive: true, ignoreTrailingSlash: false },
    frameworkErrors: (error, request, reply) => {
      void sendProblem(error, request, reply);
    },
  });
  app.setValidatorCompiler(strictValidator);
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));
  acceptBodies(app);
  answerErrors(app);
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'x-request-id': request.id,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    if (request.raw.url !== undefined && request.raw.url.length > serverBounds.urlBytesMax) {
      throw new CausewayError('bad_request', { detail: 'The address of the request is too long.' });
    }
  });
  let closing = false;
  app.addHook('preClose', async () => {
    closing = true;
  });
  app.addHook('onSend', async (_request, reply) => {
    // Or the connection of the last request would hold the close up until it has been idle long enough.
    if (closing) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    options.log.info({
      event: 'request',
      request_id: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ...whoAsked(request),
      ms: Math.round(reply.elapsedTime),
    });
  });
  return app;
}

/** The member that a certificate or a token has named: reads are to be answered for, too. */
function whoAsked(request: FastifyRequest): { peer?: string } {
  // Each is set by the hooks of one listener only.
  const { peer, caller }: { peer?: string; caller?: { member: string } | null } = request;
  const member = peer ? peer : caller?.member;
  return member === undefined ? {} : { peer: member };
}
