import { join } from 'node:path';
import type { App } from '@causeway/service';
import { pagePolicy } from '@causeway/service/pages/page-policy';
import { servePages } from '@causeway/service/pages/serve-pages';
import type { Authentication } from '@causeway/service/sign-in/authentication';
import { openStaffDesk } from '@causeway/service/staff/open-desk';
import type { StaffDesk } from '@causeway/service/staff/staff-desk';
import { readsOfStaff } from '@causeway/service/staff/staff-store';
import Type from 'typebox';

import type { Broker } from '../broker.ts';
import { inquiryKey } from '../inquiries/key.ts';
import { viewInquiry } from '../inquiries/view.ts';
import { lenderTable } from '../staff/roles.ts';
import type { LenderPermission } from '../staff/roles.ts';
import type { BrokerTables } from '../tables.ts';
import { cursorPattern, errorsOfWeek, inquiriesToday, standingOf } from './inquiries-view.ts';

interface Options {
  readonly publicUrl: string;
  /** How lenders' staff must sign in, whichever provider they have. */
  readonly authentication: Authentication;
  readonly sealing: Uint8Array;
}

/** Where the build puts the pages. */
const built = join(import.meta.dirname, '../../web/dist');
const places = ['', 'errors', 'find', 'reads'];
const tags = ['console'];
const closed = { additionalProperties: false } as const;
/** The number of an inquiry as somebody types it; of another form there is none. */
const idParams = Type.Object({ id: Type.String({ pattern: '^[0-9A-Za-z.-]{1,64}$' }) }, closed);
const onward = Type.Object({ before: Type.Optional(Type.String({ pattern: cursorPattern })) }, closed);
const before = Type.Object({ before: Type.Optional(Type.Integer({ minimum: 1 })) }, closed);

/** The workbench: sign-in of lenders' staff at their own providers, their own inquiries, and the pages. */
export async function openConsole(app: App, broker: Broker, options: Options): Promise<void> {
  const desk = openStaffDesk(app, {
    ...{ ...broker, ...options, service: 'broker', house: { role: 'lender' }, table: lenderTable },
  });
  app.get('/v1/console/institutions', { schema: { tags } }, async () => ({ items: institutions(broker) }));
  app.get('/v1/console/self', { schema: { tags }, ...desk.may('self.read') }, async ({ staff }) =>
    desk.self(staff),
  );
  inquiryRoutes(app, broker, desk);
  app.get(
    '/v1/console/staff-reads',
    { schema: { tags, querystring: before }, ...desk.may('staff_reads.read') },
    async ({ query, staff }) => await readsOfStaff(broker.db, staff.member, query.before),
  );
  const pages = ['/console', ...places.map((place) => `/console/${place}`)];
  await servePages(app, { built, assets: '/console/assets/', pages, policy: () => pagePolicy([]) });
}

/** Whose are shown says the session alone: another lender's cannot be named. */
function inquiryRoutes(app: App, broker: Broker, desk: StaffDesk<LenderPermission, BrokerTables>): void {
  app.get(
    '/v1/console/inquiries',
    { schema: { tags, querystring: onward }, ...desk.may('inquiries.read') },
    async ({ query, staff }) => await inquiriesToday(broker, staff.member, query.before),
  );
  app.get(
    '/v1/console/inquiries/:id',
    { schema: { tags, params: idParams }, ...desk.may('inquiries.find') },
    async ({ params, staff }) => {
      return standingOf(await viewInquiry(broker, inquiryKey(params.id, staff.member)));
    },
  );
  app.get(
    '/v1/console/errors',
    { schema: { tags }, ...desk.may('errors.read') },
    async ({ staff }) => await errorsOfWeek(broker, staff.member),
  );
}

/** Lenders whose staff can sign in, as the directory tells everybody. */
function institutions({ directory }: Broker) {
  const lenders = directory.view().membersWith('lender');
  return lenders
    .filter(({ staff, status }) => staff !== undefined && status === 'active')
    .map(({ id, legal_name, legal_name_zh }) => ({
      ...{ id, legal_name, ...(legal_name_zh === undefined ? {} : { legal_name_zh }) },
    }));
}
