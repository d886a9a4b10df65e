import { digestSchema, memberIdSchema } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import Type from 'typebox';
import type { Static } from 'typebox';

import type { Broker } from '../broker.ts';
import { requireConsumer } from '../inquiries/node-route.ts';
import type { BrokerTables } from '../tables.ts';

const body = Type.Object(
  { inquiry: digestSchema, report: digestSchema, lender: memberIdSchema },
  { additionalProperties: false },
);

/**
 * Whether this broker has written a report: for the consumer service, which a lender has told of a decision
 * on it. The ledger answers, and so it does when the report itself is long erased. Yes is for exactly this
 * report, inquiry and lender; whatever else may be behind a digest, the answer is no.
 */
export function addReportCheckRoute(app: App, broker: Broker): void {
  app.post('/v1/report-checks', { schema: { tags: ['federation'], body } }, async (request) => {
    requireConsumer(broker, request);
    return { written: await isWritten(broker.db, broker.me, request.body) };
  });
}

/** In one look, since a leaf goes from staging to its place in one transaction. */
async function isWritten(
  db: Kysely<BrokerTables>,
  me: string,
  { inquiry, lender, report }: Static<typeof body>,
): Promise<boolean> {
  const { rows } = await sql`
    SELECT FROM (
      SELECT typ, inquiry, iss, aud FROM leaf
      WHERE leaf_key(digest) = leaf_key(${report}) AND digest = ${report}
      UNION ALL SELECT typ, inquiry, iss, aud FROM leaf_staging WHERE digest = ${report}
    ) AS found
    WHERE typ = 'report' AND inquiry = ${inquiry} AND iss = ${me} AND aud = ${lender} LIMIT 1`.execute(db);
  return rows.length > 0;
}
