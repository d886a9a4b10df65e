import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { SecureContextOptions } from 'node:tls';

import { SourceFault } from './source-fault.ts';

/** One request to a native system. */
export interface NativeCall {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For mutual TLS; `ca` is the only authority that is believed. */
  readonly tls?: Pick<SecureContextOptions, 'ca' | 'cert' | 'key'>;
  /** The answer as a whole, from the first byte sent to the last received. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export interface NativeReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A whole answer about one subject; more is no answer. */
export const replyBytesMax = 8 * 1024 * 1024;

/**
 * Sends one request on a connection of its own and reads the whole answer, within its time and size. A
 * redirect is an answer like any other, never followed.
 * @throws SourceFault `upstream_unavailable` where nothing comes, or too late; `upstream_error` where too
 * much comes
 */
export async function nativeCall(call: NativeCall): Promise<NativeReply> {
  const limit = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? limit : AbortSignal.any([limit, call.signal]);
  try {
    return await exchange(call, signal);
  } catch (error) {
    if (error instanceof SourceFault) throw error;
    const what = signal.aborted ? 'did not answer in time' : 'cannot be reached';
    throw new SourceFault('upstream_unavailable', `the native system ${what}`);
  }
}

async function exchange(call: NativeCall, signal: AbortSignal): Promise<NativeReply> {
  const request = open(call, signal);
  // Listened to for as long as the request lives: an error after the answer began is thrown by its reading.
  request.on('error', () => undefined);
  const answered = once(request, 'response', { signal });
  request.end(call.body);
  const [response] = (await answered) as [IncomingMessage];
  const body = await readAll(response, signal);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

function open({ headers, method, tls, url }: NativeCall, signal: AbortSignal): ClientRequest {
  const options: RequestOptions = { method, headers: { ...headers }, signal, agent: false };
  if (new URL(url).protocol !== 'https:') return plainRequest(url, options);
  return tlsRequest(url, { ...options, ...tls, minVersion: 'TLSv1.2', rejectUnauthorized: true });
}

async function readAll(response: IncomingMessage, signal: AbortSignal): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    bytes += chunk.length;
    if (bytes > replyBytesMax) {
      response.destroy();
      throw new SourceFault('upstream_error', 'the native system sends more than an answer');
    }
    chunks.push(chunk);
  }
  if (!response.complete) throw new SourceFault('upstream_unavailable', 'the answer was cut off');
  return Buffer.concat(chunks);
}
