import { CausewayError, type ErrorCode, isErrorCode } from '@causeway/protocol';

/** What a request to a service carries. Times are milliseconds; the body is text, already serialised. */
export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers?: Record<string, string>;
  /** A stream is sent as it comes, and cannot be sent a second time. */
  body?: string | Uint8Array<ArrayBuffer> | AsyncIterable<Uint8Array>;
  timeoutMs?: number;
}

/** An answer with a 2xx status. Anything else became a CausewayError. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
}

const TIMEOUT_MS_DEFAULT = 10_000;
/** A report with its disclosures is far below this; a peer that sends more is not answering us. */
export const ANSWER_BYTES_MAX = 32 * 1024 * 1024;

/**
 * Sends one request with a time bound and a size bound.
 *
 * @throws CausewayError with the service's own code where it answered RFC 9457 problem details;
 *   `unavailable` where it did not answer in time or at all.
 */
export async function send(request: HttpRequest): Promise<HttpAnswer> {
  const response = await answered(request, () => reach(request));
  const text = await answered(request, async () => textOf(await bounded(response)));
  if (response.ok) return { status: response.status, headers: response.headers, text };
  throw refusalFrom(response, text);
}

/** As `send`, for an answer that is no text: its bytes. */
export async function fetchBytes(url: string): Promise<Uint8Array> {
  const request: HttpRequest = { method: 'GET', url };
  const response = await answered(request, () => reach(request));
  const bytes = await answered(request, () => bounded(response));
  if (response.ok) return bytes;
  throw refusalFrom(response, new TextDecoder().decode(bytes));
}

const textOf = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/** A connection that fails, or breaks off in the middle of the answer, is a service that did not answer. */
async function answered<T>(request: HttpRequest, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    if (cause instanceof CausewayError) throw cause;
    const host = new URL(request.url).host;
    throw new CausewayError('unavailable', { detail: `${host} did not answer`, cause });
  }
}

function reach(request: HttpRequest): Promise<Response> {
  return fetch(request.url, {
    method: request.method,
    redirect: 'error',
    signal: AbortSignal.timeout(request.timeoutMs ?? TIMEOUT_MS_DEFAULT),
    ...(request.headers ? { headers: request.headers } : {}),
    ...(request.body === undefined ? {} : bodyOf(request.body)),
  });
}

function bodyOf(body: NonNullable<HttpRequest['body']>) {
  if (typeof body === 'string' || body instanceof Uint8Array) return { body };
  return { body: ReadableStream.from(body), duplex: 'half' as const };
}

async function bounded(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | readonly [] = response.body ?? [];
  for await (const chunk of body) {
    size += chunk.length;
    if (size > ANSWER_BYTES_MAX)
      throw new CausewayError('unavailable', { detail: 'the answer is too large' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * A refusal as the service told it: its stable code, its public text, and the signed refusal where there is
 * one.
 */
export class Refused extends CausewayError {
  readonly statement: string | undefined;
  constructor(code: ErrorCode, detail: string, statement: string | undefined) {
    super(code, { detail });
    this.statement = statement;
  }
}

function refusalFrom(response: Response, text: string): CausewayError {
  const problem = parseProblem(text);
  if (!problem) {
    const oauth = /^\{"error":"(\w{1,40})"/.exec(text)?.[1];
    if (oauth && response.status < 500) {
      return new CausewayError('token_invalid', { detail: `the authority gave no token: ${oauth}` });
    }
    return new CausewayError('unavailable', { detail: `unexpected answer with status ${response.status}` });
  }
  return new Refused(problem.code, problem.detail, problem.refusal);
}

function parseProblem(text: string): { code: ErrorCode; detail: string; refusal?: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('code' in value)) return undefined;
  const { code } = value;
  if (typeof code !== 'string' || !isErrorCode(code)) return undefined;
  const detail = 'detail' in value && typeof value.detail === 'string' ? value.detail : code;
  const refusal = 'refusal' in value && typeof value.refusal === 'string' ? value.refusal : undefined;
  return { code, detail, ...(refusal === undefined ? {} : { refusal }) };
}

/**
 * The answer's JSON. Data that matters is inside statements, which `protocol` parses strictly and verifies.
 */
export function json(answer: HttpAnswer): Record<string, unknown> {
  const value: unknown = JSON.parse(answer.text);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CausewayError('unavailable', { detail: 'the answer is not a JSON object' });
  }
  return value as Record<string, unknown>;
}
