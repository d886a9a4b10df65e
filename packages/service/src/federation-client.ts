import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

import type { Clock } from '@causeway/kernel';
import { limits } from '@causeway/kernel';
import { CausewayError, isErrorCode, parseStrictJson } from '@causeway/protocol';
import type { MemberEntry } from '@causeway/protocol';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { Pool, buildConnector } from 'undici';

import { readBounded } from './bounded-body.ts';
import type { LiveTls } from './live-tls.ts';
import type { TlsFiles } from './node-keys.ts';
import { checkServerIs, thumbprintOf } from './peer.ts';
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

/** A call whose body and answer are text in a form that somebody else has laid down. */
export interface FederationTextCall extends Omit<FederationCall<TSchema>, 'schema' | 'body'> {
  readonly body?: string;
}

/** What a member answered, whatever its status. */
export interface FederationText {
  readonly status: number;
  /** The content type; empty where there is none. */
  readonly type: string;
  readonly text: string;
}

export interface FederationClient {
  /**
   * One call to a member's federation listener.
   * @throws PeerFailure (code `unavailable`) when it does not answer, too late, too much, or not in the
   * agreed form
   * @throws CausewayError with the member's own code when it refuses by a problem document
   */
  call<S extends TSchema>(request: FederationCall<S>): Promise<Static<S>>;
  /**
   * One call with `text/plain` in the place of JSON; the caller judges status and form.
   * @throws PeerFailure when the member does not answer, too late, too much, or not in UTF-8
   */
  text(request: FederationTextCall): Promise<FederationText>;
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
  /** What this node presents on its connections. */
  readonly own: TlsFiles;
  /** The open connections, each with the thumbprint of the certificate at its other end. */
  readonly open: Map<Socket, string>;
}

/**
 * JSON over mutually authenticated TLS 1.3 with kept-alive connections; the server must be the member called.
 */
export function createFederationClient(options: Options): FederationClient {
  const routes = new Map<string, Route>();
  return {
    call: async (request) => await callJson(poolFor(routes, request.member, options), request),
    text: async (request) => await callText(poolFor(routes, request.member, options), request),
    reconsider: () => reconsider(routes, options),
    close: async () => {
      await Promise.all([...routes.values()].map(async (route) => await route.pool.destroy()));
      routes.clear();
    },
  };
}

/**
 * The member's pool. Where the endpoint or this node's own certificate has changed, the calls under way end
 * in the old one, and new connections are made in another.
 */
function poolFor(routes: Map<string, Route>, member: string, options: Options): Pool {
  const entry = options.members().member(member);
  const endpoint = entry?.endpoints.federation;
  if (entry === undefined || endpoint === undefined) throw new CausewayError('member_unknown');
  if (entry.status !== 'active') throw new CausewayError('member_suspended');
  const own = options.tls.current();
  const known = routes.get(member);
  if (known !== undefined) {
    cutUnlisted(known, entry);
    if (known.endpoint === endpoint && known.own === own) return known.pool;
    drop(known.pool.close());
  }
  const route = openRoute(member, endpoint, own, options);
  routes.set(member, route);
  return route.pool;
}

/** Cuts the connections to certificates that the member does not have any more, with what is under way. */
function cutUnlisted({ open }: Route, entry: MemberEntry): void {
  for (const [socket, thumbprint] of open) if (!entry.certificates.includes(thumbprint)) socket.destroy();
}

function reconsider(routes: Map<string, Route>, { members }: Options): void {
  const view = members();
  for (const [member, route] of routes) {
    const entry = view.member(member);
    if (entry?.status === 'active') {
      cutUnlisted(route, entry);
      continue;
    }
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
function openRoute(member: string, endpoint: string, own: TlsFiles, options: Options): Route {
  const open = new Map<Socket, string>();
  const connector = buildConnector({
    key: own.key,
    cert: own.cert,
    ca: own.ca,
    minVersion: 'TLSv1.3',
    rejectUnauthorized: true,
    timeout: 5000,
    maxCachedSessions: 0,
    checkServerIdentity: checkServerIs(member, options.fed, options.members),
  });
  const pool = new Pool(new URL(endpoint).origin, {
    connections: options.connectionsMax ?? 16,
    pipelining: 1,
    keepAliveTimeout: 5000,
    connect: (target, callback) => {
      connector(target, (...outcome) => {
        const [, socket] = outcome;
        if (socket instanceof TLSSocket) {
          open.set(socket, thumbprintOf(socket.getPeerCertificate().raw));
          socket.once('close', () => open.delete(socket));
        }
        callback(...outcome);
      });
    },
  });
  return { pool, endpoint, own, open };
}

async function callJson<S extends TSchema>(pool: Pool, request: FederationCall<S>): Promise<Static<S>> {
  const { body, schema } = request;
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const { status, type, bytes } = await send(pool, request, 'application/json', sent);
  return readAnswer(status, type, bytes, schema);
}

async function callText(pool: Pool, request: FederationTextCall): Promise<FederationText> {
  const { status, type, bytes } = await send(pool, request, 'text/plain', request.body);
  try {
    return { status, type, text: utf8.decode(bytes) };
  } catch (error) {
    throw new PeerFailure('answer', error);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** One exchange; `media` is both what is sent and what is asked for. */
async function send(
  pool: Pool,
  request: Omit<FederationCall<TSchema>, 'schema' | 'body'>,
  media: string,
  body: string | undefined,
): Promise<{ status: number; type: string; bytes: Uint8Array }> {
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
      headers: { accept: media, ...(body === undefined ? {} : { 'content-type': media }) },
      ...(body === undefined ? {} : { body }),
    });
    const response = await unlessAborted(signal, asked);
    const bytes = await readBounded(response.body, request.maxBytes ?? limits.reportBytesMax);
    return { status: response.statusCode, type: String(response.headers['content-type'] ?? ''), bytes };
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

function readAnswer<S extends TSchema>(
  status: number,
  type: string,
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
  if (type.startsWith('application/problem+json') && typeof value === 'object' && value !== null) {
    const code: unknown = Reflect.get(value, 'code');
    if (isErrorCode(code) && code !== 'internal')
      throw new CausewayError(code, { internal: 'refused by the peer' });
  }
  throw new PeerFailure('answer');
}
