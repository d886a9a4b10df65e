import type { Clock } from '@causeway/kernel';
import { limits } from '@causeway/kernel';
import { CausewayError, isErrorCode, parseStrictJson } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Pool } from 'undici';

import { readBounded } from './bounded-body.ts';
import type { LiveTls } from './live-tls.ts';
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
  /** Cuts off whatever is open to a member that is suspended now, or to a certificate that was removed. */
  reconsider(): void;
  close(): Promise<void>;
}

interface Options {
  readonly fed: string;
  readonly tls: Pick<LiveTls, 'current'>;
  readonly members: Members;
  readonly clock: Clock;
  /** Connections kept per member. */
  readonly connectionsMax?: number;
}

interface Route {
  readonly pool: Pool;
  readonly endpoint: string;
  /** Thumbprints that connections of this pool may have been made to. */
  readonly certificates: readonly string[];
  /** What this node presents on them. */
  readonly own: TlsFiles;
}

/**
 * JSON over mutually authenticated TLS 1.3 with kept-alive connections; the server must be the member called.
 */
export function createFederationClient(options: Options): FederationClient {
  const routes = new Map<string, Route>();
  return {
    call: async (request) => await send(poolFor(routes, request.member, options), request),
    reconsider: () => reconsider(routes, options),
    close: async () => {
      await Promise.all([...routes.values()].map(async (route) => await route.pool.destroy()));
      routes.clear();
    },
  };
}

/**
 * The member's pool. One whose connections may be to a certificate that is no longer listed is cut off with
 * whatever is under way; after any other change the calls under way end in the old one, and new connections
 * are made in the new one.
 */
function poolFor(routes: Map<string, Route>, member: string, options: Options): Pool {
  const entry = options.members().member(member);
  const endpoint = entry?.endpoints.federation;
  if (entry === undefined || endpoint === undefined) throw new CausewayError('member_unknown');
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
  const { certificates } = entry;
  const own = options.tls.current();
  const known = routes.get(member);
  if (known !== undefined) {
    if (!isListed(known, entry)) drop(known.pool.destroy());
    else if (known.endpoint === endpoint && known.own === own) {
      routes.set(member, { ...known, certificates });
      return known.pool;
    } else drop(known.pool.close());
  }
  const pool = openPool(member, endpoint, own, options);
  routes.set(member, { pool, endpoint, certificates, own });
  return pool;
}

/** Every certificate that the pool may have met is still the member's, and the member is active. */
const isListed = ({ certificates }: Route, entry: MemberEntry | undefined): boolean =>
  entry?.status === 'active' && certificates.every((each) => entry.certificates.includes(each));

function reconsider(routes: Map<string, Route>, { members }: Options): void {
  const view = members();
  for (const [member, route] of routes) {
    if (isListed(route, view.member(member))) continue;
    routes.delete(member);
    drop(route.pool.destroy());
  }
}

/** Nobody waits for the end of a pool. */
function drop(ending: Promise<void>): void {
  ending.catch(() => undefined);
}

/**
 * Sessions are not resumed: on a resumed one TLS does not ask again whose certificate it is, so it would
 * outlive the removal of that certificate.
 */
function openPool(member: string, endpoint: string, own: TlsFiles, options: Options): Pool {
  return new Pool(new URL(endpoint).origin, {
    connections: options.connectionsMax ?? 16,
    pipelining: 1,
    keepAliveTimeout: 5000,
    connect: {
      key: own.key,
      cert: own.cert,
      ca: own.ca,
      minVersion: 'TLSv1.3',
      rejectUnauthorized: true,
      timeout: 5000,
      maxCachedSessions: 0,
      checkServerIdentity: checkServerIs(member, options.fed, options.members),
    },
  });
}

async function send<S extends TSchema>(pool: Pool, request: FederationCall<S>): Promise<Static<S>> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  try {
    const response = await pool.request({
      method: request.method,
      path: request.path,
      signal,
      headersTimeout: request.timeoutMs,
      bodyTimeout: request.timeoutMs,
      headers: { accept: 'application/json', ...(request.body === undefined ? {} : jsonHeaders) },
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    });
    const bytes = await readBounded(response.body, request.maxBytes ?? limits.reportBytesMax);
    return readAnswer(response.statusCode, response.headers['content-type'], bytes, request.schema);
  } catch (error) {
    if (error instanceof CausewayError) throw error;
    throw new PeerFailure(deadline.aborted ? 'timeout' : 'unreachable', error);
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
