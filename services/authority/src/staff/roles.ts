import type { Permission, StaffRoles } from '@causeway/service/staff/staff-roles';

/**
 * What somebody of the authority's own staff may be. An officer is none of these: officers act by their keys,
 * and nothing on a page does what takes two of them.
 */
export const supervisionRoles = ['supervisor', 'auditor'] as const;
type SupervisionRole = (typeof supervisionRoles)[number];

const all = supervisionRoles;
const shown = (...roles: SupervisionRole[]): Permission<SupervisionRole> => ({ roles, traced: false });
const traced = (...roles: SupervisionRole[]): Permission<SupervisionRole> => ({ roles, traced: true });

const permissions = {
  'self.read': shown(...all),
  'overview.read': traced(...all),
  'members.read': traced(...all),
  'staff_reads.read': traced('auditor'),
} as const satisfies Record<string, Permission<SupervisionRole>>;
export type SupervisionPermission = keyof typeof permissions;

/** The authority is never suspended. */
export const supervisionTable: StaffRoles<SupervisionRole, SupervisionPermission> = {
  ...{ names: all, whileSuspended: [], permissions },
};
