import type { SandboxStaff, StaffClient } from '../identity-provider/staff.ts';
import { type PlannedMember, type Ports, consoleClient } from '../plan.ts';

/** One invented person for each role of a bureau's console, and one who has none. */
const posts = [
  { post: 'publisher', name: '陈报', story: 'publishes files' },
  { post: 'dispute_handler', name: '林议', story: 'handles disputes' },
  { post: 'security_officer', name: '韩安', story: 'looks after keys and after who read what' },
  { post: 'auditor', name: '沈审', story: 'reads, and does nothing' },
  { post: undefined, name: '许闲', story: 'has no role' },
] as const;

/** The staff of the sandbox's bureaus. */
export function sandboxStaff(bureaus: readonly Pick<PlannedMember, 'id' | 'legalName'>[]): SandboxStaff[] {
  return bureaus.flatMap(({ id: member, legalName }) =>
    posts.map(({ name, post, story }) => ({
      ...{ id: `${member}.${post ?? 'visitor'}`, name, member },
      ...{ story: `${legalName}: ${story}`, roles: post === undefined ? [] : [post] },
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
