import type { StaffDesk as Desk } from '@causeway/service/staff/staff-desk';

import type { BureauTables } from '../tables.ts';
import type { PermissionName } from './roles.ts';

/** Where the bureau's staff sign in, and what they are let do. */
export type StaffDesk = Desk<PermissionName, BureauTables>;
