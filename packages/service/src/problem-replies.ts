import { STATUS_CODES } from 'node:http';
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';

import { CausewayError, problem } from '@causeway/protocol';
import type { ErrorCode, Problem } from '@causeway/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { App } from './app.ts';
import { isStoreTrouble } from './store-away.ts';

/** Fastify's own refusals in our closed set; what is not listed says nothing but its class. */
const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'bad_request',
  FST_ERR_BAD_URL: 'not_found',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
  FST_ERR_ASYNC_CONSTRAINT: 'not_found',
};

const tokenCodes: ReadonlySet<string> = new Set<ErrorCode>([
  'token_missing',
  'token_invalid',
  'dpop_invalid',
  'scope_insufficient',
]);

/** Puts each error, thrown anywhere in a request, through the one problem table (RFC 9457). */
export function answerErrors(app: App): void {
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply));
  app.setNotFoundHandler((request, reply) => sendProblem(new CausewayError('not_found'), request, reply));
}

/** Sends an error as a problem document; the reason stays in the log. */
export function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const known = toCausewayError(error);
  const document = problem(known, request.id);
  const line = { event: 'refused', request_id: request.id, code: document.code, err: error };
  if (document.status >= 500) request.log.error(line);
  else request.log.debug(line);
  if (document.status === 429 || document.status === 503) reply.header('retry-after', '1');
  if (tokenCodes.has(document.code)) {
    const failure = document.code === 'scope_insufficient' ? 'insufficient_scope' : 'invalid_token';
    reply.header('www-authenticate', `DPoP error="${failure}", algs="EdDSA Ed25519 ES256"`);
  }
  return reply
    .code(document.status)
    .header('cache-control', 'no-store')
    .header('x-request-id', request.id)
    .type('application/problem+json')
    .serializer((value: unknown) => JSON.stringify(value))
    .send(document);
}

/** The problem document of an error, for one item of an answer; `sendProblem` sends the same one. */
export function problemOf(error: unknown, requestId: string): Problem {
  return problem(toCausewayError(error), requestId);
}

function toCausewayError(error: unknown): unknown {
  if (error instanceof CausewayError || !(error instanceof Error)) return error;
  if (isStoreTrouble(error)) {
    return new CausewayError('unavailable', { internal: 'store trouble', cause: error });
  }
  const code: unknown = Reflect.get(error, 'code');
  const known = typeof code === 'string' ? fastifyCodes[code] : undefined;
  if (known !== undefined) return new CausewayError(known, { cause: error });
  const status: unknown = Reflect.get(error, 'statusCode');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new CausewayError('bad_request', { cause: error });
  }
  return error;
}

const brokenRequestStatus: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers what is not HTTP at all, or arrives too large or too slowly, and closes the connection. */
export function answerBrokenRequest<S extends Server>(server: S): S {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const status = brokenRequestStatus[error.code ?? ''] ?? 400;
    const document = { ...problem(new CausewayError('bad_request'), 'none'), status };
    const body = JSON.stringify(document);
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Bad Request'}\r\n` +
        'connection: close\r\ncache-control: no-store\r\n' +
        `content-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  });
  return server;
}
