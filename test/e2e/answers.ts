/** What a public listener answered, as far as refusals are told by it. */
export interface Answer {
  status: number;
  /** The stable code of a problem document; empty where the answer is none. */
  code: string;
  /** JSON pointers to the members at fault. */
  pointers: string[];
  requestId: string;
  body: Record<string, unknown>;
  ms: number;
}

/** One request to a public listener, with whatever in it. */
export async function request(url: string, init: RequestInit = {}): Promise<Answer> {
  const started = performance.now();
  const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(30_000), ...init });
  const text = await response.text();
  const ms = performance.now() - started;
  const body = bodyOf(text);
  const errors = Array.isArray(body['errors']) ? (body['errors'] as { pointer?: unknown }[]) : [];
  return {
    status: response.status,
    code: typeof body['code'] === 'string' ? body['code'] : '',
    pointers: errors.map(({ pointer }) => String(pointer)),
    requestId: response.headers.get('x-request-id') ?? '',
    body,
    ms,
  };
}

/** Sends what should be an inquiry to a broker at this base URL. */
export const sendStatement = (base: string, jws: string): Promise<Answer> =>
  request(`${base}/v1/inquiries`, {
    method: 'POST',
    headers: { 'content-type': 'application/jose' },
    body: jws,
  });

function bodyOf(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}
