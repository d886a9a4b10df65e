import { get, post } from './requests.ts';

/** Who has signed in, and what they are let do. */
export interface Self {
  /** The provider's name of the account. */
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** What the roles may do. */
  readonly may: readonly string[];
  readonly member: { readonly id: string; readonly legal_name: string; readonly legal_name_zh?: string };
}

export interface StaffRead {
  readonly id: number;
  readonly name: string;
  readonly person: string;
  readonly roles: readonly string[];
  readonly what: string;
  readonly about?: string;
  readonly at: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next?: number;
}

/** What every console asks its service, whatever else it does. */
export const staffApi = {
  self: async () => await get<Self>('/v1/console/self'),
  reads: async (before?: number) =>
    await get<Page<StaffRead>>(`/v1/console/staff-reads${before === undefined ? '' : `?before=${before}`}`),
  signOut: async () => await post<undefined>('/v1/sign-out', {}),
};

/** Leaves for the identity provider, of this member where one is named, and comes back to this page. */
export function signIn(member?: string): void {
  const asked = new URLSearchParams({
    return_to: location.pathname,
    ...(member === undefined ? {} : { member }),
  });
  location.assign(`/v1/sign-in?${asked.toString()}`);
}
