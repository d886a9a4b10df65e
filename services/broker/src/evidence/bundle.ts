import { CausewayError, type Digest, type EvidenceBundle, type PasskeyProof } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { Broker } from '../broker.ts';
import { citedDisclosures } from '../fan-out/disclosures.ts';
import { roundStatements } from '../fan-out/rounds.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { latestReport } from '../reports/stored-report.ts';
import type { BrokerTables } from '../tables.ts';

/**
 * Everything needed to check one inquiry offline: its statements, the directories under which they were
 * judged, and the root files of then and since. Who keeps it adds the proofs, from the ledger of each issuer:
 * only there is the leaf of each.
 * @throws CausewayError not_found where there is no report
 */
export async function buildBundle(broker: Broker, inquiry: OpenInquiry): Promise<EvidenceBundle> {
  const { db, fed } = broker;
  const { key, row, seal } = inquiry;
  const report = await latestReport(db, key);
  if (report === undefined) throw new CausewayError('not_found');
  const text = seal.open(`report/${report.version}`, report.report);
  const { consent, grants, passkey } = await roundStatements(db, inquiry);
  const under = [row.accepted_under, report.signed_under, ...(await verifiedUnder(db, key))];
  const directories = await archivedDirectories(db, under);
  return {
    v: 2,
    fed,
    roots: [...broker.directory.view().evidence.roots],
    heads: directories.map(({ head }) => head),
    entries: [...new Set(directories.flatMap(({ entries }) => entries))],
    ...(consent === undefined ? {} : { consent }),
    ...(passkey === undefined ? {} : { passkey: withoutLeaves(passkey) }),
    inquiry: inquiry.statement.jws,
    grants,
    disclosures: await citedDisclosures(db, inquiry, text),
    report: text,
    leaves: [],
    checkpoints: [],
  };
}

/** A bundle has the leaves of all its statements in one place. */
function withoutLeaves({ assertion, enrolments }: PasskeyProof): PasskeyProof {
  return { enrolments: enrolments.map(({ leaf: _leaf, ...each }) => each), assertion };
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
