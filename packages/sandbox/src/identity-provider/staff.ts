/** Somebody of a member's staff who can sign in at the sandbox's identity provider. */
export interface SandboxStaff {
  readonly id: string;
  readonly name: string;
  readonly story: string;
  readonly member: string;
  readonly roles: readonly string[];
  /** How many factors they sign in with: it is believed, like all else here. */
  readonly factors: 1 | 2;
}

/** A client of the identity provider at which staff sign in, and nobody else. */
export interface StaffClient {
  readonly clientId: string;
  readonly redirectUris: readonly string[];
}

/** Claims that the identity provider adds to the id_token of a member's staff. */
interface StaffClaims {
  readonly sub: string;
  readonly name: string;
  readonly causeway_member: string;
  readonly causeway_roles: readonly string[];
}

const prefix = 'staff:';

export const staffAccountId = ({ id }: SandboxStaff): string => `${prefix}${id}`;

/** How a staff account signs in, in the words of RFC 8176 and of the sandbox's own classes. */
export function authenticationOf({ factors }: SandboxStaff): { acr: string; amr: string[] } {
  return factors === 2
    ? { acr: 'urn:causeway:sandbox:2', amr: ['pwd', 'otp', 'mfa'] }
    : { acr: 'urn:causeway:sandbox:1', amr: ['pwd'] };
}

/** What an id_token says of a staff account; undefined for an account of anybody else. */
export function claimsOfStaff(staff: readonly SandboxStaff[], accountId: string): StaffClaims | undefined {
  const found = staff.find((one) => staffAccountId(one) === accountId);
  if (found === undefined) return undefined;
  return {
    ...{ sub: accountId, name: found.name },
    ...{ causeway_member: found.member, causeway_roles: found.roles },
  };
}
