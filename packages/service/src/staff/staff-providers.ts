import type { Clock } from '@causeway/kernel';
import type { MemberEntry } from '@causeway/protocol/member-entry';

import type { Authentication } from '../sign-in/authentication.ts';
import { signInProvider } from '../sign-in/identity-provider.ts';
import type { SignInProvider } from '../sign-in/identity-provider.ts';
import { identityProviderFetch } from '../sign-in/identity-provider-fetch.ts';
import { identityProviderKeys } from '../sign-in/identity-provider-keys.ts';
import { returnPath } from '../sign-in/sign-in-flow.ts';
import { staffTokenReader } from './staff-token.ts';
import type { ReadStaffToken } from './staff-token.ts';

/** Where a member's staff sign in, as its entry in the directory names it. */
export interface StaffProvider extends SignInProvider {
  readonly readToken: ReadStaffToken;
}

interface Options {
  readonly clock: Clock;
  readonly publicUrl: string;
  readonly authentication: Authentication;
}

/** The identity providers of members, each with keys and failures of its own, made at its first use. */
export function staffProviders(
  options: Options,
): (staff: NonNullable<MemberEntry['staff']>) => StaffProvider {
  const made = new Map<string, StaffProvider>();
  return ({ client_id: clientId, issuer }) => {
    const key = `${issuer} ${clientId}`;
    const known = made.get(key) ?? make(options, issuer, clientId);
    made.set(key, known);
    return known;
  };
}

function make({ authentication, clock, publicUrl }: Options, issuer: string, clientId: string) {
  const ask = identityProviderFetch(clock);
  const keys = identityProviderKeys(issuer, ask);
  const redirectUri = `${publicUrl}${returnPath}`;
  return {
    ...signInProvider({ issuer, clientId, ask, redirectUri, authentication }),
    readToken: staffTokenReader({ issuer, clientId, keys, clock, authentication }),
  };
}
