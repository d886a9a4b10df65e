/** Somebody of a member's staff who can sign in at the sandbox's identity provider. */
export interface SandboxStaff {
  readonly id: string;
  readonly name: string;
  readonly story: string;
  readonly member: string;
  readonly roles: readonly string[];
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

/** What an id_token says of a staff account; undefined for an account of anybody else. */
export function claimsOfStaff(staff: readonly SandboxStaff[], accountId: string): StaffClaims | undefined {
  const found = staff.find((one) => staffAccountId(one) === accountId);
  if (found === undefined) return undefined;
  return {
    ...{ sub: accountId, name: found.name },
    ...{ causeway_member: found.member, causeway_roles: found.roles },
  };
}
