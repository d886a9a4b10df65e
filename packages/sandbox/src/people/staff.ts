import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { SandboxStaff, StaffClient } from '../identity-provider/staff.ts';
import { BROKER, type PlannedMember, type Ports, consoleClient } from '../plan.ts';

interface Post {
  readonly id: string;
  readonly roles: readonly string[];
  readonly name: string;
  readonly story: string;
  readonly factors?: 1;
}

/** A member whose staff sign in somewhere. */
type Employer = Pick<PlannedMember, 'id' | 'legalName'> & {
  readonly role: PlannedMember['role'] | 'authority';
};

/** The authority, whose people are the supervisors. */
export const SUPERVISION: Employer = {
  id: 'authority',
  legalName: 'Federation authority',
  role: 'authority',
};

const auditor: Post = { id: 'auditor', roles: ['auditor'], name: '沈审', story: 'reads, and does nothing' };
const visitor: Post = { id: 'visitor', roles: [], name: '许闲', story: 'has no role' };
/** Somebody with a role who signs in with a password alone. */
const oneFactor = (role: string): Post => ({
  ...{ id: 'one_factor', roles: [role], name: '何单', story: 'has no second factor', factors: 1 },
});

/**
 * Invented people for each role of a member's staff; at bureaus two for disputes, since their clocks are
 * moved by a second one, and two for files.
 */
const posts: Partial<Record<Employer['role'], readonly Post[]>> = {
  bureau: [
    { id: 'publisher', roles: ['publisher'], name: '陈报', story: 'publishes files' },
    { id: 'second_publisher', roles: ['publisher'], name: '吴签', story: 'signs off what others publish' },
    { id: 'dispute_handler', roles: ['dispute_handler'], name: '林议', story: 'handles disputes' },
    { id: 'second_handler', roles: ['dispute_handler'], name: '周核', story: 'handles disputes, too' },
    {
      ...{ id: 'security_officer', roles: ['security_officer'], name: '韩安' },
      story: 'looks after keys and after who read what',
    },
    auditor,
    visitor,
    oneFactor('publisher'),
  ],
  lender: [
    { id: 'clerk', roles: ['inquiry_clerk'], name: '方询', story: 'follows inquiries' },
    auditor,
    visitor,
    oneFactor('inquiry_clerk'),
  ],
  authority: [
    { id: 'supervisor', roles: ['supervisor'], name: '郑督', story: 'supervises members and ledgers' },
    auditor,
    visitor,
    oneFactor('supervisor'),
  ],
};

/** The staff of the sandbox's members. */
export function sandboxStaff(employers: readonly Employer[]): SandboxStaff[] {
  return employers.flatMap(({ id: member, legalName, role }) =>
    (posts[role] ?? []).map(({ factors = 2 as const, id, name, roles, story }) => ({
      ...{ id: `${member}.${id}`, name, member, roles, story: `${legalName}: ${story}` },
      factors,
    })),
  );
}

/** What a member's entry says of its staff; undefined for one whose staff sign in nowhere. */
export function listedStaff(
  { id, role }: Pick<Employer, 'id' | 'role'>,
  issuer: string,
): MemberEntry['staff'] {
  const roles = [...new Set((posts[role] ?? []).flatMap((post) => post.roles))];
  return roles.length === 0 ? undefined : { issuer, client_id: consoleClient(id), roles };
}

/** The clients of the members' consoles at the sandbox's identity provider; lenders' is at the broker. */
export function consoleClients(employers: readonly Employer[], ports: Ports): StaffClient[] {
  return employers.map(({ id, role }) => ({
    clientId: consoleClient(id),
    redirectUris: [`http://localhost:${ports.public(role === 'lender' ? BROKER.id : id)}/v1/sign-in/return`],
  }));
}
