import { mayDo as may } from '@causeway/service/staff/staff-roles';
import type { Permission, StaffRoles } from '@causeway/service/staff/staff-roles';

/**
 * What somebody of a bureau's staff may be, as their identity provider says it. A user administrator is none
 * of these: accounts and roles are kept at the identity provider, and whoever keeps them sees nothing here.
 */
export const staffRoles = ['publisher', 'dispute_handler', 'security_officer', 'auditor'] as const;
export type StaffRole = (typeof staffRoles)[number];

const all = staffRoles;
const shown = (...roles: StaffRole[]): Permission<StaffRole> => ({ roles, traced: false });
const traced = (...roles: StaffRole[]): Permission<StaffRole> => ({ roles, traced: true });

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
} as const satisfies Record<string, Permission<StaffRole>>;
export type PermissionName = keyof typeof permissions;

/** Disputes have their deadlines also while a bureau is suspended; all else of its staff is out. */
export const staffTable: StaffRoles<StaffRole, PermissionName> = {
  ...{ names: staffRoles, whileSuspended: ['dispute_handler'], permissions },
};

/** True where one of the roles may do it. */
export const mayDo = (roles: readonly StaffRole[], name: PermissionName): boolean =>
  may(staffTable, roles, name);
