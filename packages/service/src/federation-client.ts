import type { Clock } from '@causeway/kernel';
import { limits } from '@causeway/kernel';
import { CausewayError, isErrorCode, parseStrictJson } from '@causeway/protocol';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Pool } from 'undici';

import { readBounded } from './bounded-body.ts';
import type { TlsFiles } from './node-keys.ts';
import { checkServerIs } from './peer.ts';
import type { Members } from './peer.ts';
import { PeerFailure } from './peer-failure.ts';

export interface FederationCall<S extends TSchema> {
  readonly member: string;
  readonly method: 'GET' | 'POST';
  /** Absolute path, with query if any. */
  readonly path: string;
  readonly body?: unknown;
  /**
   * What the answer must be; anything else is a failed call. Statements inside are the caller's to verify.
   */
  readonly schema: S;
  readonly timeoutMs: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface FederationClient {
  /**
   * One call to a member's federation listener.
   * @throws PeerFailure (code `unavailable`) when it does not answer, too late, too much, or not in the
   * agreed form
   * @throws CausewayError with the member's own code when it refuses by a problem document
   */
  call<S extends TSchema>(request: FederationCall<S>): Promise<Static<S>>;
  close(): Promise<void>;
}

interface Options {
  readonly fed: string;
  readonly tls: TlsFiles;
  readonly members: Members;
  readonly clock: Clock;
  /** Connections kept per member. */
  readonly connectionsMax?: number;
}

interface Route {
  readonly pool: Pool;
  readonly endpoint: string;
  readonly certificates: string;
}

/**
 * JSON over mutually authenticated TLS 1.3 with kept-alive connections; the server must be the member called.
 */
export function createFederationClient(options: Options): FederationClient {
  const routes = new Map<string, Route>();
  return {
    call: async (request) => await send(poolFor(routes, request.member, options), request),
    close: async () => {
      await Promise.all([...routes.values()].map(async (route) => await route.pool.destroy()));
      routes.clear();
    },
  };
}

/**
 * The member's pool; a changed endpoint or certificate list drops the old connections with whoever held them.
 */
function poolFor(routes: Map<string, Route>, member: string, options: Options): Pool {
  const entry = options.members().member(member);
  const endpoint = entry?.endpoints.federation;
  if (entry === undefined || endpoint === undefined) throw new CausewayError('member_unknown');
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
  const certificates = entry.certificates.join();
  const known = routes.get(member);
  if (known !== undefined) {
    if (known.endpoint === endpoint && known.certificates === certificates) return known.pool;
    known.pool.destroy().catch(() => undefined);
  }
  const pool = new Pool(new URL(endpoint).origin, {
    connections: options.connectionsMax ?? 16,
    pipelining: 1,
    keepAliveTimeout: 5000,
    connect: {
      key: options.tls.key,
      cert: options.tls.cert,
      ca: options.tls.ca,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: true,
      timeout: 5000,
      checkServerIdentity: checkServerIs(member, options.fed, options.members),
    },
  });
  routes.set(member, { pool, endpoint, certificates });
  return pool;
}

async function send<S extends TSchema>(pool: Pool, request: FederationCall<S>): Promise<Static<S>> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    signal.throwIfAborted();
    const asked = pool.request({
      method: request.method,
      path: request.path,
      signal,
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
      headers: { accept: 'application/json', ...(request.body === undefined ? {} : jsonHeaders) },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const response = await unlessAborted(signal, asked);
    const bytes = await readBounded(response.body, request.maxBytes ?? limits.reportBytesMax);
    return readAnswer(response.statusCode, response.headers['content-type'], bytes, request.schema);
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new PeerFailure(deadline.aborted ? 'timeout' : 'unreachable', error);
  }
}

/** A request that still waits for its connection hears of the signal only when that has come or failed. */
async function unlessAborted<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([asked, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const jsonHeaders = { 'content-type': 'application/json' };

function readAnswer<S extends TSchema>(
  status: number,
  type: unknown,
  bytes: Uint8Array,
  schema: S,
): Static<S> {
  let value: unknown;
  try {
    value = parseStrictJson(bytes);
  } catch (error) {
    throw new PeerFailure('answer', error);
  }
  if (status >= 200 && status < 300) {
    if (Value.Check(schema, value)) return value;
    throw new PeerFailure('answer');
  }
  if (String(type).startsWith('application/problem+json') && typeof value === 'object' && value !== null) {
    const code: unknown = Reflect.get(value, 'code');
    if (isErrorCode(code) && code !== 'internal')
      throw new CausewayError(code, { internal: 'refused by the peer' });
  }
  throw new PeerFailure('answer');
}
