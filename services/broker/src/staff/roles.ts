import type { Permission, StaffRoles } from '@causeway/service/staff/staff-roles';

/** What somebody of a lender's staff may be here. Reports are opened in the lender's own systems alone. */
export const lenderRoles = ['inquiry_clerk', 'auditor'] as const;
type LenderRole = (typeof lenderRoles)[number];

const all = lenderRoles;
const shown = (...roles: LenderRole[]): Permission<LenderRole> => ({ roles, traced: false });
const traced = (...roles: LenderRole[]): Permission<LenderRole> => ({ roles, traced: true });

const permissions = {
  'self.read': shown(...all),
  'inquiries.read': shown(...all),
  'inquiries.find': traced(...all),
  'errors.read': shown(...all),
  'staff_reads.read': traced('auditor'),
} as const satisfies Record<string, Permission<LenderRole>>;
export type LenderPermission = keyof typeof permissions;

/** A suspended lender asks nothing, so that its staff have nothing to look at. */
export const lenderTable: StaffRoles<LenderRole, LenderPermission> = {
  ...{ names: all, whileSuspended: [], permissions },
};
