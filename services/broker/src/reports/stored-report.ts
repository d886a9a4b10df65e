import type { Digest } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { BrokerTables } from '../tables.ts';

/** A version of an inquiry's report, sealed as it is stored. */
export interface StoredReport {
  readonly version: number;
  readonly digest: Digest;
  readonly report: Buffer;
  readonly signed_under: Digest;
  /** How many disclosures it cites. */
  readonly disclosures: number;
}

/** The newest version, or the one asked for; undefined where there is none. */
export async function latestReport(
  db: Kysely<BrokerTables>,
  inquiry: string,
  version?: number,
): Promise<StoredReport | undefined> {
  const all = db
    .selectFrom('inquiry_report')
    .where('inquiry', '=', inquiry)
    .select(['version', 'digest', 'report', 'signed_under', 'disclosures']);
  const wanted = version === undefined ? all : all.where('version', '=', version);
  return await wanted.orderBy('version', 'desc').limit(1).executeTakeFirst();
}
