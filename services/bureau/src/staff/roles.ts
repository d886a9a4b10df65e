/**
 * What somebody of a bureau's staff may be, as their identity provider says it. A user administrator is none
 * of these: accounts and roles are kept at the identity provider, and whoever keeps them sees nothing here.
 */
export const staffRoles = ['publisher', 'dispute_handler', 'security_officer', 'auditor'] as const;
export type StaffRole = (typeof staffRoles)[number];

interface Permission {
  readonly roles: readonly StaffRole[];
  /** Whether it shows something about persons: then each use leaves a trace. */
  readonly traced: boolean;
}

const all = staffRoles;
const shown = (...roles: StaffRole[]): Permission => ({ roles, traced: false });
const traced = (...roles: StaffRole[]): Permission => ({ roles, traced: true });

/** Everything that the console lets anybody do, and whom. What is not here nobody may. */
export const permissions = {
  'self.read': shown(...all),
  'health.read': shown(...all),
  'batches.read': shown('publisher', 'auditor'),
  'rejections.read': traced('publisher', 'auditor'),
  'mapping.preview': traced('publisher'),
  'mappings.store': traced('publisher'),
  'files.check': traced('publisher'),
  'files.publish': traced('publisher'),
  'batches.sign_off': traced('publisher'),
  'rules.read': shown('publisher', 'dispute_handler', 'auditor'),
  'keys.read': shown('security_officer', 'auditor'),
  'reads.read': shown('security_officer', 'auditor'),
  'staff_reads.read': shown('security_officer', 'auditor'),
  'disputes.read': traced('dispute_handler'),
  'disputes.act': traced('dispute_handler'),
} as const satisfies Record<string, Permission>;
export type PermissionName = keyof typeof permissions;

const isStaffRole = (role: string): role is StaffRole => staffRoles.some((known) => known === role);

/** The roles of the closed list among these; what else a provider calls somebody is nothing here. */
export const rolesAmong = (names: readonly string[]): StaffRole[] => [...new Set(names)].filter(isStaffRole);

/** What the roles may do: what the pages show of themselves. */
export function allowedTo(roles: readonly StaffRole[]): PermissionName[] {
  const names = Object.keys(permissions) as PermissionName[];
  return names.filter((name) => mayDo(roles, name));
}

/** True where one of the roles may do it. */
export function mayDo(roles: readonly StaffRole[], name: PermissionName): boolean {
  const allowed: readonly StaffRole[] = permissions[name].roles;
  return roles.some((role) => allowed.includes(role));
}
