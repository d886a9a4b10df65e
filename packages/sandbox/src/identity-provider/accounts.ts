import {
  claimsFor,
  type Identity,
  type PersonChoice,
  type PersonClaims,
  type SandboxPerson,
} from './persons.ts';

const ofText = (text: string): Identity => {
  const [scheme = '', value = ''] = text.split(':');
  return { scheme, value };
};
const textOf = ({ scheme, value }: Identity): string => `${scheme}:${value}`;

/** The account of who signs in, and for whom: `gb11643:<number>`, and `~gb32100:<number>` behind it. */
export function accountIdFor(
  persons: readonly SandboxPerson[] | undefined,
  choice: PersonChoice,
): string | undefined {
  const claims = claimsFor(persons, choice);
  if (claims === undefined) return undefined;
  const { enterprise, identity } = claims;
  return enterprise === undefined ? textOf(identity) : `${textOf(identity)}~${textOf(enterprise)}`;
}

/** What an id_token says of an account. */
export function claimsOfAccount(accountId: string): PersonClaims & { sub: string } {
  const [person = '', enterprise] = accountId.split('~');
  const identity = ofText(person);
  if (enterprise === undefined) return { sub: person, identity };
  return { sub: person, identity, role: 'legal_representative', enterprise: ofText(enterprise) };
}
