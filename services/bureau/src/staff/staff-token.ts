import type { Clock } from '@causeway/kernel';
import { CausewayError, digestOf } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { idTokenReader } from '@causeway/service/sign-in/id-token';
import type { IdTokenKeys } from '@causeway/service/sign-in/identity-provider-keys';
import Type from 'typebox';

import { rolesAmong } from './roles.ts';
import type { StaffRole } from './roles.ts';

/** Somebody of this bureau's staff, with at least one role. */
export interface Staff {
  /** The identity provider's name of the account. */
  readonly person: string;
  /** As colleagues know them. */
  readonly name: string;
  readonly roles: readonly StaffRole[];
}

/** Somebody who has just signed in, by a token that is to be spent. */
interface SignedInStaff extends Staff {
  readonly nonce: string;
  readonly digest: Digest;
  readonly expiresMs: number;
}

const claims = Type.Object({
  name: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  causeway_member: Type.Optional(Type.String({ maxLength: 64 })),
  causeway_roles: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
});

interface Options {
  readonly issuer: string;
  readonly clientId: string;
  readonly keys: IdTokenKeys;
  readonly clock: Clock;
  readonly me: string;
}

export type ReadStaffToken = (token: string) => Promise<SignedInStaff>;

/**
 * Reads who of the staff signed in: `causeway_member` must be this bureau, and `causeway_roles` name one of
 * the roles. Throws `role_not_permitted` for everybody else, `token_invalid` for a token that does not
 * verify, `unavailable` where the identity provider's keys cannot be had.
 */
export function staffTokenReader({ me, ...options }: Options): ReadStaffToken {
  const read = idTokenReader({ ...options, claims });
  return async (token) => {
    const { causeway_member: member, causeway_roles: named = [], exp, name, nonce, sub } = await read(token);
    const roles = member === me ? rolesAmong(named) : [];
    if (roles.length === 0)
      throw new CausewayError('role_not_permitted', { detail: 'No role at this bureau.' });
    return {
      ...{ person: sub, name: name ?? sub, roles, nonce },
      ...{ digest: digestOf(token), expiresMs: exp * 1000 },
    };
  };
}
