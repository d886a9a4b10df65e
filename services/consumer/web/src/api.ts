import type { Access } from '@causeway/sdk/page';

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

/** A lender's request that waits for an answer. */
export interface ConsentRequest {
  readonly id: string;
  readonly lender: string;
  /** The whole text that is agreed to, in the language of the request. */
  readonly form: { readonly language: string; readonly text: string };
  readonly form_digest: string;
  readonly expires_at: string;
}

export interface Consent {
  readonly id: string;
  readonly lender: string;
  readonly purposes: readonly string[];
  readonly categories: readonly string[];
  readonly bureaus: readonly string[];
  readonly valid_until: string;
  readonly max_uses: number;
  readonly uses: number;
  readonly strength: 'passkey' | 'idp' | 'assisted';
  readonly state: 'active' | 'paused' | 'revoked' | 'expired' | 'used_up';
}

/** A freeze, and behind an act who has confirmed it and who has not yet. */
export interface Freeze {
  readonly id: string;
  readonly status: 'frozen' | 'lifted';
  readonly placed_at: string;
  readonly lifted_at?: string;
  readonly acknowledgements?: readonly { readonly node: string; readonly acked_at: string }[];
  readonly waiting?: readonly string[];
}

/** A member as the directory names it. */
export interface Member {
  readonly id: string;
  readonly legal_name: string;
  readonly legal_name_zh?: string;
}

/** A passkey of the person. */
export interface Passkey {
  readonly id: string;
  readonly state: 'in_force' | 'waiting' | 'replaced' | 'removed';
  readonly enrolled_at: string;
  readonly counts_from: string;
  readonly removed_at?: string;
  readonly can_be_handed_over?: boolean;
}

/** What a passkey says to a statement, as the service takes it. */
export interface Assertion {
  readonly credential_id: string;
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly signature: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** What a session is not enough for. */
export type Act =
  | { readonly act: 'approve'; readonly request: string; readonly form_digest: string }
  | { readonly act: 'thaw'; readonly freeze: string }
  | { readonly act: 'enrol'; readonly registration: string; readonly content: string }
  | { readonly act: 'remove_passkey'; readonly passkey: string };

export const api = {
  /** The directory as text: it is checked before anything of it is believed. */
  directory: async () => await text('/v1/directory'),
  accesses: async (cursor: string | undefined) =>
    await get<Page<Access>>(cursor === undefined ? '/v1/accesses' : `/v1/accesses?cursor=${cursor}`),
  members: async () => await get<Page<Member>>('/v1/member-names'),
  requests: async () => await get<Page<ConsentRequest>>('/v1/consent-requests'),
  consents: async () => await get<Page<Consent>>('/v1/consents'),
  freezes: async () => await get<Page<Freeze>>('/v1/freezes'),
  freeze: async () => await post<Freeze>('/v1/freezes', {}),
  reject: async (request: string) => await post<object>(`/v1/consent-requests/${request}/rejection`),
  stopConsent: async (consent: string, act: 'revocation' | 'pause' | 'resumption') =>
    await post<object>(`/v1/consents/${consent}/${act}`, {}),
  passkeys: async () => await get<Page<Passkey> & { readonly available: boolean }>('/v1/passkeys'),
  beginPasskey: async () =>
    await post<{ id: string; options: PublicKeyCredentialCreationOptionsJSON }>(
      '/v1/passkey-registrations',
      {},
    ),
  keepCredential: async (registration: string, made: object) =>
    await post<{ content: string }>(`/v1/passkey-registrations/${registration}/credential`, made),
  handover: async (passkey: string) =>
    await get<{ options: PublicKeyCredentialRequestOptionsJSON }>(`/v1/passkeys/${passkey}/handover`),
  handOver: async (passkey: string, assertion: Assertion) =>
    await post<undefined>(`/v1/passkeys/${passkey}/handover`, { assertion }),
  /** The consent as it will be signed. */
  document: async (request: string, form_digest: string) =>
    await post<{ document: string; options: PublicKeyCredentialRequestOptionsJSON }>(
      `/v1/consent-requests/${request}/document`,
      { form_digest },
    ),
  approve: async (request: string, signed: { document: string; assertion: Assertion }) =>
    await post<object>(`/v1/consent-requests/${request}/approval`, signed),
  signOut: async () => await post<undefined>('/v1/sign-out', {}),
};

/** Leaves for the identity provider, and comes back to this page. */
export function signIn(): void {
  location.assign(`/v1/sign-in?return_to=${encodeURIComponent(location.pathname)}`);
}

/** Leaves for the identity provider to do one act, and comes back to this page when it is done. */
export async function stepUp(act: Act): Promise<void> {
  const { to } = await post<{ to: string }>('/v1/step-ups', { for: act, return_to: location.pathname });
  location.assign(to);
}

/** @throws Refused, or TypeError where nobody answers */
export async function get<T>(url: string): Promise<T> {
  return await answered<T>(await fetch(url, { headers: { accept: 'application/json' } }));
}

/** @throws Refused, or TypeError where nobody answers */
export async function text(url: string): Promise<string> {
  const answer = await fetch(url);
  if (answer.ok) return await answer.text();
  throw new Refused(answer.status, 'unavailable', url);
}

/** @throws Refused, or TypeError where nobody answers */
export async function post<T>(url: string, body?: object, more: Record<string, string> = {}): Promise<T> {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers: Record<string, string> = { accept: 'application/json', ...more };
  if (body !== undefined) headers['content-type'] = 'application/json';
  return await answered<T>(await fetch(url, { method: 'POST', headers, ...sent }));
}

async function answered<T>(answer: Response): Promise<T> {
  const body: unknown = answer.status === 204 ? undefined : await answer.json();
  if (answer.ok) return body as T;
  const { code = 'internal', detail = '' } = body as { code?: string; detail?: string };
  throw new Refused(answer.status, code, detail);
}
