import type { DirectoryView } from '@causeway/sdk';

type Entry = NonNullable<ReturnType<DirectoryView['member']>>;

/** By whom a member's staff sign in, and as what. */
export type ListedStaff = NonNullable<Entry['staff']>;

/** What a member's entry says of its staff. */
export function staffLines(member: string, staff: ListedStaff | undefined): string[] {
  if (staff === undefined) return [`${member}: nobody signs in for it`];
  const { client_id: client, issuer, roles } = staff;
  return [`${member}: its staff sign in at ${issuer}, client ${client}`, `roles: ${roles.join(', ')}`];
}

interface StaffSet {
  readonly member: string;
  readonly staff: ListedStaff | undefined;
  /** Of the directory in which it is in force. */
  readonly version: number;
  readonly acknowledged: readonly string[];
  readonly waiting: readonly string[];
}

/** What the officers have set, and who knows. */
export function staffSetLines({ acknowledged, member, staff, version, waiting }: StaffSet): string[] {
  return [
    ...staffLines(member, staff),
    `directory ${version}, acknowledged by ${acknowledged.join(', ') || 'nobody yet'}`,
    ...(waiting.length === 0 ? [] : [`not yet: ${waiting.join(', ')}; they hear of it at their next poll`]),
    'What was taken away has ended. What was added counts once witnesses have seen the directory.',
  ];
}
