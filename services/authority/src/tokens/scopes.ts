import type { MemberEntry } from '@causeway/protocol/member-entry';

type Role = MemberEntry['roles'][number];

/** What a token may allow, by the role of the service that takes it and the role of the member that asks. */
const grants: readonly { readonly scope: string; readonly at: Role; readonly to: readonly Role[] }[] = [
  { scope: 'inquiry.read', at: 'broker', to: ['lender', 'authority'] },
  { scope: 'consent.request', at: 'consumer', to: ['lender'] },
  { scope: 'refs.derive', at: 'authority', to: ['lender', 'bureau', 'consumer'] },
  { scope: 'records.publish', at: 'bureau', to: ['bureau'] },
  { scope: 'disputes.handle', at: 'bureau', to: ['bureau'] },
  { scope: 'corrections.read', at: 'consumer', to: ['lender'] },
  { scope: 'adverse-actions.report', at: 'consumer', to: ['lender'] },
  { scope: 'queue.operate', at: 'broker', to: ['broker'] },
];
/** What only the operator of a service may do there: its own member, not another of the same role. */
const ownOnly = new Set(['records.publish', 'disputes.handle', 'queue.operate']);

export const allScopes: readonly string[] = grants.map(({ scope }) => scope);

/** The scopes that a member of these roles may be given at some service. */
export function scopesOf(roles: readonly Role[]): string[] {
  return grants.filter(({ to }) => to.some((role) => roles.includes(role))).map(({ scope }) => scope);
}

/** The scopes that `client` may use at `service`; a bureau publishes to itself, a broker operates itself. */
export function scopesAt(service: MemberEntry, client: MemberEntry): string[] {
  return grants
    .filter(({ at, to }) => service.roles.includes(at) && to.some((role) => client.roles.includes(role)))
    .filter(({ scope }) => !ownOnly.has(scope) || service.id === client.id)
    .map(({ scope }) => scope);
}
