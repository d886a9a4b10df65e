import { type Agent, request } from 'node:https';
import type { Application } from '../admission/application.ts';
import type { SignedAct } from '@causeway/protocol/officer-act';
import type { Applicant } from './applicant.ts';
import { actPayload, signAct } from './officers.ts';
import type { RunningAuthority } from './running-authority.ts';

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** One JSON call to the public listener. */
export async function post(
  url: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: recordOf(await response.text()) };
}

export async function get(url: string): Promise<Answer> {
  const response = await fetch(url);
  return { status: response.status, body: recordOf(await response.text()) };
}

export async function apply(authority: RunningAuthority, application: Application): Promise<Answer> {
  return await post(`${authority.url}/v1/applications`, application);
}

/** Has the two officers admit an applicant; returns its application's id. */
export async function admit(authority: RunningAuthority, applicant: Applicant): Promise<string> {
  const { body } = await apply(authority, applicant.application);
  const { application, digest } = body;
  const payload = actPayload(authority.fed, { act: 'admit', application, digest });
  const answer = await post(`${authority.url}/v1/members`, {
    act: signAct(payload, authority.officers.keys),
  });
  if (answer.status !== 201) throw new Error(`not admitted: ${JSON.stringify([body, answer.body])}`);
  return String(application);
}

/** Sends an act on a member. */
export async function act(authority: RunningAuthority, member: string, signed: SignedAct, proof?: string) {
  const body = { act: signed, ...(proof === undefined ? {} : { proof }) };
  return await post(`${authority.url}/v1/members/${member}/acts`, body);
}

/** A client's half of mutual TLS. */
export interface Credentials {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
}

/** One call to a federation listener over TLS 1.3; rejects where the handshake fails. */
export async function callFederation(
  port: number,
  path: string,
  credentials: Partial<Credentials> & { readonly agent?: Agent },
  body?: unknown,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const call = request(
    {
      host: 'localhost',
      port,
      path,
      method: body === undefined ? 'GET' : 'POST',
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      agent: false,
      ...credentials,
    },
    (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: recordOf(text) }));
      response.on('error', reject);
    },
  );
  call.on('error', reject);
  call.end(body === undefined ? undefined : JSON.stringify(body));
  return await promise;
}

function recordOf(text: string): Record<string, unknown> {
  const value: unknown = text === '' ? {} : JSON.parse(text);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
