import { get as getPlain, post as postPlain, Refused } from '@causeway/ui/requests.ts';
import type { Access, ShownLate } from '@causeway/sdk/page';
import { actingHeaders, forgetActing } from './acting.ts';
import type { DoneBy, Power } from './api-mandates.ts';
import { placeOf } from './local-path.ts';

/** A lender's request that waits for an answer. */
export interface ConsentRequest {
  readonly id: string;
  /** To look, or to give data to bureaus. */
  readonly kind: 'query' | 'provide';
  readonly lender: string;
  /** The whole text that is agreed to, in the language of the request. */
  readonly form: { readonly language: string; readonly text: string };
  readonly form_digest: string;
  readonly expires_at: string;
  readonly categories: readonly string[];
  readonly bureaus: readonly string[];
  /** Where something may be left out: what, and all that was asked for. */
  readonly optional?: { readonly categories?: readonly string[]; readonly bureaus?: readonly string[] };
  readonly asked?: { readonly categories: readonly string[]; readonly bureaus: readonly string[] };
  /** As the directory has the lender at this moment; null where it does not list it any more. */
  readonly who: Asker | null;
  /** As the lender declares it. */
  readonly product?: {
    readonly name: string;
    readonly amount?: string;
    readonly currency?: string;
    readonly apr?: string;
  };
}

export interface Asker {
  readonly legal_name: string;
  readonly legal_name_zh?: string;
  readonly licence_class: string;
  readonly jurisdiction: string;
  readonly status: 'active' | 'suspended';
  readonly listed_since?: string;
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
  readonly state: 'active' | 'paused' | 'revoked' | 'expired' | 'used_up' | 'waiting';
  readonly kind: 'query' | 'provide';
  readonly valid_from: string;
  readonly by?: DoneBy;
}

/** A freeze, and behind an act who has confirmed it and who has not yet. */
export interface Freeze {
  readonly id: string;
  readonly status: 'frozen' | 'lifted';
  readonly placed_at: string;
  readonly lifted_at?: string;
  /** It stands because the person wants to be erased. */
  readonly restricts?: true;
  readonly acknowledgements?: readonly { readonly node: string; readonly acked_at: string }[];
  readonly waiting?: readonly string[];
  /** For whom it is or was opened; each ends by itself. */
  readonly windows?: readonly FreezeWindow[];
}

export interface FreezeWindow {
  readonly id: string;
  readonly lender: string;
  readonly until: string;
  readonly status: 'open' | 'over';
}

/** The freezes, and what none of them stops. */
export interface Freezes extends Page<Freeze> {
  readonly exempt_purposes: readonly string[];
}

/** A member as the directory names it. */
export interface Member {
  readonly id: string;
  readonly legal_name: string;
  readonly legal_name_zh?: string;
  readonly status?: 'active' | 'suspended';
  readonly roles?: readonly string[];
}

/** What became of a consent or of all access, as the list tells it. */
export interface Receipt {
  readonly id: string;
  readonly at: string;
  readonly change:
    | ('given' | 'paused' | 'resumed' | 'withdrawn' | 'used_up' | 'expired' | 'reminder')
    | ('frozen' | 'restricted' | 'thawed' | 'opened' | 'closed');
  readonly consent?: string;
  readonly lender?: string;
  readonly kind?: 'provide';
  readonly by?: DoneBy;
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

/** One of the person's own reports; its content is in `OwnReport`. */
export interface OwnReportHead {
  readonly id: string;
  readonly state: 'composed' | 'asserted' | 'sent' | 'ready' | 'refused' | 'failed';
  readonly asked_at: string;
  readonly code?: string;
  readonly version?: number;
  readonly kept_until?: string;
}

export interface OwnReports {
  readonly free_per_year: number;
  readonly used_this_year: number;
  readonly items: readonly OwnReportHead[];
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: string;
}

/** A page of who looked, and what the law lets nobody see at once. */
export interface History extends Page<Access> {
  readonly shown_late?: readonly ShownLate[];
}

/** The person's own words for lenders. */
export interface FraudAlert {
  readonly id: string;
  readonly text: string;
  readonly until: string;
  readonly status: 'standing' | 'over';
}

/** Where the person is told that something has happened. */
export interface Channel {
  readonly id: string;
  readonly kind: 'email' | 'webhook';
  /** As much of it as who knows it needs. */
  readonly target: string;
  readonly status: 'unconfirmed' | 'confirmed';
  readonly public_key?: string;
}

/** What a session is not enough for. */
export type Act =
  | {
      readonly act: 'approve';
      readonly request: string;
      readonly form_digest: string;
      readonly mandate?: string;
    }
  | { readonly act: 'thaw'; readonly freeze: string; readonly mandate?: string }
  | {
      readonly act: 'entrust';
      readonly code: string;
      readonly name: string;
      readonly days: number;
      readonly powers: readonly Power[];
      readonly purposes?: readonly string[];
    }
  | { readonly act: 'end_alert'; readonly alert: string }
  | { readonly act: 'open'; readonly freeze: string; readonly lender: string; readonly minutes: number }
  | { readonly act: 'enrol'; readonly registration: string; readonly content: string }
  | { readonly act: 'remove_passkey'; readonly passkey: string }
  | { readonly act: 'export' }
  | { readonly act: 'erase' };

/** For the person themselves, or for whom this tab acts. @throws as `getPlain` */
const get = async <T>(url: string): Promise<T> => await getPlain<T>(url, actingHeaders());
const post = async <T>(url: string, body?: object): Promise<T> =>
  await postPlain<T>(url, body, actingHeaders());

export const api = {
  /** The directory as text: it is checked before anything of it is believed. */
  directory: async () => await text('/v1/directory'),
  accesses: async (cursor: string | undefined) =>
    await get<History>(cursor === undefined ? '/v1/accesses' : `/v1/accesses?cursor=${cursor}`),
  members: async () => await get<Page<Member>>('/v1/member-names'),
  requests: async () => await get<Page<ConsentRequest>>('/v1/consent-requests'),
  consents: async () => await get<Page<Consent>>('/v1/consents'),
  freezes: async () => await get<Freezes>('/v1/freezes'),
  endWindow: async (window: string) => await post<FreezeWindow>(`/v1/freeze-windows/${window}/end`),
  freeze: async () => await post<Freeze>('/v1/freezes', {}),
  receipts: async (cursor: string | undefined) =>
    await get<Page<Receipt>>(cursor === undefined ? '/v1/receipts' : `/v1/receipts?cursor=${cursor}`),
  /** A receipt with its statement and proof, to be kept. */
  receipt: async (id: string) => await get<object>(`/v1/receipts/${id}`),
  /** Another form of the request, with what is left in. */
  choose: async (request: string, choice: NonNullable<ConsentRequest['asked']>) =>
    await post<object>(`/v1/consent-requests/${request}/choice`, choice),
  reject: async (request: string) => await post<object>(`/v1/consent-requests/${request}/rejection`),
  stopConsent: async (consent: string, act: 'revocation' | 'pause' | 'resumption') =>
    await post<object>(`/v1/consents/${consent}/${act}`, {}),
  fraudAlerts: async () => await get<Page<FraudAlert>>('/v1/fraud-alerts'),
  placeAlert: async (words: string, days: number) =>
    await post<FraudAlert>('/v1/fraud-alerts', { text: words, days }),
  channels: async () =>
    await get<Page<Channel> & { readonly kinds: readonly Channel['kind'][] }>('/v1/channels'),
  addChannel: async (kind: Channel['kind'], target: string) =>
    await post<Channel>('/v1/channels', { kind, target }),
  confirmChannel: async (channel: string, code: string) =>
    await post<Channel>(`/v1/channels/${channel}/confirmation`, { code }),
  removeChannel: async (channel: string) => await post<undefined>(`/v1/channels/${channel}/removal`),
  reminders: async () => await get<{ readonly on: boolean }>('/v1/reminders'),
  setReminders: async (on: boolean) => await post<{ readonly on: boolean }>('/v1/reminders', { on }),
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
  ownReports: async () => await get<OwnReports>('/v1/report'),
  signOut: async () => await postPlain<undefined>('/v1/sign-out', {}),
};

/** Leaves for the identity provider, and comes back to this page or another one. */
export function signIn(to = placeOf(location)): void {
  forgetActing();
  location.assign(`/v1/sign-in?return_to=${encodeURIComponent(to)}`);
}

/** Leaves for the identity provider to do one act, and comes back to this page when it is done. */
export async function stepUp(act: Act, returnTo = placeOf(location)): Promise<void> {
  const { to } = await postPlain<{ to: string }>('/v1/step-ups', { for: act, return_to: returnTo });
  location.assign(to);
}

/** @throws Refused, or TypeError where nobody answers */
export async function text(url: string): Promise<string> {
  const answer = await fetch(url);
  if (answer.ok) return await answer.text();
  throw new Refused(answer.status, 'unavailable', url);
}
