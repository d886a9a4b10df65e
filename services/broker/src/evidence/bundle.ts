import { CausewayError, type Digest, type EvidenceBundle } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { Broker } from '../broker.ts';
import { storedDisclosures } from '../fan-out/disclosures.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';

/**
 * Everything needed to check one inquiry offline: its statements, the directories under which they were
 * judged, the root files of then and since, and its leaves in this ledger.
 * @throws CausewayError not_found where there is no report
 */
export async function buildBundle(broker: Broker, inquiry: OpenInquiry): Promise<EvidenceBundle> {
  const { db, fed } = broker;
  const { key, row, seal } = inquiry;
  const report = await latestReport(db, key);
  if (report === undefined) throw new CausewayError('not_found');
  const disclosures = await storedDisclosures(db, inquiry);
  const under = [row.accepted_under, report.signed_under, ...(await verifiedUnder(db, key))];
  const directories = await archivedDirectories(db, under);
  const consent = row.consent === null ? {} : { consent: seal.open('consent', row.consent) };
  return {
    v: 1,
    fed,
    roots: [...broker.directory.view().evidence.roots],
    directories: directories.map(({ entries, head }) => ({ head, entries })),
    ...consent,
    inquiry: inquiry.statement.jws,
    grants: await storedGrants(db, inquiry),
    disclosures: disclosures.map(({ jws }) => jws),
    report: seal.open(`report/${report.version}`, report.report),
    leaves: [{ digest: inquiry.digest }, { digest: report.digest }],
  };
}

async function latestReport(db: Kysely<BrokerTables>, key: string) {
  return await db
    .selectFrom('inquiry_report')
    .where('inquiry', '=', key)
    .select(['version', 'digest', 'report', 'signed_under'])
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function verifiedUnder(db: Kysely<BrokerTables>, key: string): Promise<Digest[]> {
  const rows = await db
    .selectFrom('inquiry_disclosure')
    .where('inquiry', '=', key)
    .select('verified_under')
    .distinct()
    .execute();
  return rows.map((row) => row.verified_under);
}

async function archivedDirectories(db: Kysely<BrokerTables>, digests: readonly Digest[]) {
  return await db
    .selectFrom('directory_archive')
    .where('head_digest', 'in', [...new Set(digests)])
    .select(['head', 'entries'])
    .orderBy('version', 'desc')
    .execute();
}

async function storedGrants(db: Kysely<BrokerTables>, { key, seal }: OpenInquiry): Promise<string[]> {
  const rows = await db
    .selectFrom('inquiry_grant')
    .where('inquiry', '=', key)
    .select(['bureau', 'grant_jws'])
    .orderBy('bureau')
    .orderBy('digest')
    .limit(256)
    .execute();
  return rows.map(({ bureau, grant_jws }) => seal.open(`grant/${bureau}`, grant_jws));
}
