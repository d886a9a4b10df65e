import type { Clock, Random } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { App } from '../app.ts';
import { authenticationNames, authenticationOf } from '../sign-in/authentication.ts';
import type { Authentication } from '../sign-in/authentication.ts';
import { StaffDesk } from './staff-desk.ts';
import type { StaffHouse } from './staff-desk.ts';
import { staffProviders } from './staff-providers.ts';
import type { StaffRoles } from './staff-roles.ts';
import { staffRoutes } from './staff-routes.ts';

/** How staff must sign in: names of classes (`acr`) and of methods (`amr`), of which one each is demanded. */
export const staffVariables = {
  CAUSEWAY_STAFF_ACR: authenticationNames,
  CAUSEWAY_STAFF_AMR: authenticationNames,
};

/** Of the methods of RFC 8176 those that are a second factor, or one that needs none beside it. */
const secondFactors: Authentication = { acr: [], amr: ['mfa', 'otp', 'hwk'] };

/** A second factor, where the operator has not said otherwise. */
export function staffAuthentication(own: {
  readonly CAUSEWAY_STAFF_ACR?: string;
  readonly CAUSEWAY_STAFF_AMR?: string;
}): Authentication {
  return authenticationOf(own.CAUSEWAY_STAFF_ACR, own.CAUSEWAY_STAFF_AMR) ?? secondFactors;
}

interface Options<DB, P extends string> {
  readonly me: string;
  readonly service: string;
  readonly house: StaffHouse;
  readonly table: StaffRoles<string, P>;
  readonly authentication: Authentication;
  readonly publicUrl: string;
  readonly sealing: Uint8Array;
  readonly db: Kysely<DB>;
  readonly clock: Clock;
  readonly random: Random;
  readonly directory: { view(): DirectoryView };
}

/** Opens a service to staff: the ways in and out, and the desk that says what they may do. */
export function openStaffDesk<DB, P extends string>(app: App, options: Options<DB, P>): StaffDesk<P, DB> {
  const desk = new StaffDesk({ ...options, providerOf: staffProviders(options) });
  staffRoutes(app, desk, { ...options, only: options.house.only });
  return desk;
}
