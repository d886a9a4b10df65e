import { CausewayError, parseStrictJson } from '@causeway/protocol';
import type { FastifyRequest } from 'fastify';

import type { App } from './app.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Media types that the route takes; `application/json` where it says nothing. */
    consumes?: readonly string[];
  }
}

const jsonOnly: readonly string[] = ['application/json'];

/**
 * Parsers for `application/json` (strict: duplicate members, depth, unsafe integers and lone surrogates are
 * refused), `application/jose` (the raw text) and `text/plain` (the bytes). A route takes the types it lists
 * in `config.consumes`, spelled exactly, with at most `charset=utf-8` behind; everything else is 415 before a
 * byte of the body is read.
 */
export function acceptBodies(app: App): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => parseJsonBody(body),
  );
  app.addContentTypeParser(
    'application/jose',
    { parseAs: 'string' },
    async (_request: FastifyRequest, body: string) => body.trim(),
  );
  app.addContentTypeParser(
    'text/plain',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => body,
  );
  app.addHook('onRequest', async (request) => checkContentType(request));
}

/**
 * Lets routes of this listener read bodies of these types as a stream; the route bounds what it reads. Types
 * that are read so already stay as they are.
 */
export function acceptStreams(app: App, types: readonly string[]): void {
  const fresh = types.filter((type) => !app.hasContentTypeParser(type));
  if (fresh.length === 0) return;
  app.addContentTypeParser(
    fresh,
    async (_request: FastifyRequest, payload: NodeJS.ReadableStream) => payload,
  );
}

function parseJsonBody(body: Buffer): unknown {
  try {
    return parseStrictJson(body);
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    throw new CausewayError('bad_request', { detail: error.publicDetail, cause: error });
  }
}

function checkContentType(request: FastifyRequest): void {
  const { headers } = request;
  const hasBody =
    headers['transfer-encoding'] !== undefined ||
    (headers['content-length'] !== undefined && headers['content-length'] !== '0');
  const type = headers['content-type'];
  if (!hasBody && type === undefined) return;
  if (headers['content-encoding'] !== undefined) throw new CausewayError('unsupported_media_type');
  const allowed = request.routeOptions.config.consumes ?? jsonOnly;
  const match = /^([a-z]+\/[a-z0-9.+-]+)(?:; ?charset=utf-8)?$/iu.exec(type ?? '');
  const media = match?.[1]?.toLowerCase();
  if (media === undefined || !allowed.includes(media)) throw new CausewayError('unsupported_media_type');
}
