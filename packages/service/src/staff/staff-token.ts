import { type Clock, seconds } from '@causeway/kernel';
import { CausewayError, digestOf } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import Type from 'typebox';

import { authenticationClaims, requireAuthentication } from '../sign-in/authentication.ts';
import type { Authentication } from '../sign-in/authentication.ts';
import { idTokenReader } from '../sign-in/id-token.ts';
import type { IdTokenKeys } from '../sign-in/identity-provider-keys.ts';
import type { StaffSession } from './staff-store.ts';

/** Somebody who has just signed in, by a token that is to be spent. */
interface SignedInStaff extends StaffSession {
  readonly nonce: string;
  readonly digest: Digest;
  readonly expiresMs: number;
}

const claims = Type.Object({
  ...authenticationClaims,
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  causeway_member: Type.Optional(Type.String({ maxLength: 64 })),
  causeway_roles: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
});

interface Options {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: IdTokenKeys;
  readonly clock: Clock;
  readonly authentication: Authentication;
}

export type ReadStaffToken = (token: string, member: string) => Promise<SignedInStaff>;

/**
 * Reads who of a member's staff signed in: `causeway_member` must be that member, whatever else its provider
 * says. Throws `role_not_permitted` for everybody else, `authentication_weak` for who signed in by less than
 * is demanded, `token_invalid` for a token that does not verify, `unavailable` where the identity provider's
 * keys cannot be had.
 */
export function staffTokenReader({ authentication, ...options }: Options): ReadStaffToken {
  const read = idTokenReader({ ...options, claims });
  const { clock, issuer } = options;
  return async (token, member) => {
    const said = await read(token);
    const { causeway_roles: roles = [], exp, name, nonce, sub } = said;
    if (said.causeway_member !== member) throw new CausewayError('role_not_permitted');
    requireAuthentication(said, authentication, seconds(clock));
    return {
      ...{ member, issuer, person: sub, name: name ?? sub, roles, nonce },
      ...{ digest: digestOf(token), expiresMs: exp * 1000 },
    };
  };
}
