/** An answer of the service that is no success: its code and its public words (RFC 9457). */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** @throws Refused, or TypeError where nobody answers */
export async function get<T>(url: string, more: Record<string, string> = {}): Promise<T> {
  return await answered<T>(await fetch(url, { headers: { accept: 'application/json', ...more } }));
}

/** @throws Refused, or TypeError where nobody answers */
export async function post<T>(url: string, body?: object, more: Record<string, string> = {}): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers: Record<string, string> = { accept: 'application/json', ...more };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return await answered<T>(await fetch(url, { method: 'POST', headers, ...sent }));
}

/** Takes something away. @throws Refused, or TypeError where nobody answers */
export async function remove<T>(url: string): Promise<T> {
  return await answered<T>(await fetch(url, { method: 'DELETE', headers: { accept: 'application/json' } }));
}

async function answered<T>(answer: Response): Promise<T> {
  const body: unknown = answer.status === 204 ? undefined : await answer.json();
  if (answer.ok) return body as T;
  const { code = 'internal', detail = '' } = body as { code?: string; detail?: string };
  throw new Refused(answer.status, code, detail);
}
