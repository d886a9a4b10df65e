import type { SandboxStaff, StaffClient } from '../identity-provider/staff.ts';
import { type PlannedMember, type Ports, consoleClient } from '../plan.ts';

/**
 * Invented people for each role of a bureau's console, two for disputes since their clocks are moved by a
 * second one, two for files since somebody else signs them off, and somebody who has none.
 */
const posts = [
  { id: 'publisher', roles: ['publisher'], name: '陈报', story: 'publishes files' },
  { id: 'second_publisher', roles: ['publisher'], name: '吴签', story: 'signs off what others publish' },
  { id: 'dispute_handler', roles: ['dispute_handler'], name: '林议', story: 'handles disputes' },
  { id: 'second_handler', roles: ['dispute_handler'], name: '周核', story: 'handles disputes, too' },
  {
    ...{ id: 'security_officer', roles: ['security_officer'], name: '韩安' },
    story: 'looks after keys and after who read what',
  },
  { id: 'auditor', roles: ['auditor'], name: '沈审', story: 'reads, and does nothing' },
  { id: 'visitor', roles: [], name: '许闲', story: 'has no role' },
];

/** The staff of the sandbox's bureaus. */
export function sandboxStaff(bureaus: readonly Pick<PlannedMember, 'id' | 'legalName'>[]): SandboxStaff[] {
  return bureaus.flatMap(({ id: member, legalName }) =>
    posts.map(({ id, name, roles, story }) => ({
      ...{ id: `${member}.${id}`, name, member, roles, story: `${legalName}: ${story}` },
    })),
  );
}

/** The clients of the bureaus' consoles at the sandbox's identity provider. */
export function consoleClients(bureaus: readonly PlannedMember[], ports: Ports): StaffClient[] {
  return bureaus.map(({ id }) => ({
    clientId: consoleClient(id),
    redirectUris: [`http://localhost:${ports.public(id)}/v1/sign-in/return`],
  }));
}
