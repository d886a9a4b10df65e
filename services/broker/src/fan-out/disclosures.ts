import { readUnverified, verify, type Disclosure, type Report, type Verified } from '@causeway/protocol';
import type { Kysely } from 'kysely';

import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import type { BrokerTables } from '../tables.ts';
import type { BureauRow } from './repository.ts';

/** The states of a bureau whose disclosure counts. */
const toldStates = ['answered', 'empty', 'not_found'] as const;

/** The bureaus in scope, ordered by name, each with the disclosure that counts, if there is one. */
export async function bureausWithDisclosures(
  db: Kysely<BrokerTables>,
  inquiry: OpenInquiry,
): Promise<{ row: BureauRow; jws: string | undefined }[]> {
  const rows = await db
    .selectFrom('inquiry_bureau as b')
    .leftJoin('inquiry_disclosure as d', (join) =>
      join
        .onRef('d.inquiry', '=', 'b.inquiry')
        .onRef('d.bureau', '=', 'b.bureau')
        .on('b.state', 'in', toldStates),
    )
    .where('b.inquiry', '=', inquiry.key)
    .select(['b.inquiry', 'b.bureau', 'b.state', 'b.attempt', 'b.next_at_ms', 'b.seq', 'b.code'])
    .select('d.disclosure')
    .orderBy('b.bureau')
    .execute();
  return rows.map(({ disclosure, ...row }) => ({
    row,
    jws: disclosure === null ? undefined : inquiry.seal.open(`disclosure/${row.bureau}`, disclosure),
  }));
}

/** The disclosures that a version of the report cites, as they came, ordered by bureau. */
export async function citedDisclosures(
  db: Kysely<BrokerTables>,
  { key, seal }: OpenInquiry,
  report: string,
): Promise<string[]> {
  // This node signed it and sealed it; the box opened.
  const { manifest } = readUnverified(report).claims as Report;
  const cited = manifest.flatMap(({ disclosure }) => disclosure ?? []);
  if (cited.length === 0) return [];
  const rows = await db
    .selectFrom('inquiry_disclosure')
    .where('inquiry', '=', key)
    .where('digest', 'in', cited)
    .select(['bureau', 'disclosure'])
    .orderBy('bureau')
    .execute();
  return rows.map(({ bureau, disclosure }) => seal.open(`disclosure/${bureau}`, disclosure));
}

/** A stored disclosure judged again, by the directory of now: a key revoked since then counts for nothing. */
export function reverify(
  broker: Broker,
  inquiry: OpenInquiry,
  bureau: string,
  jws: string,
): Verified<Disclosure> {
  return verify('disclosure', jws, {
    keys: broker.directory.view().keys,
    fed: broker.fed,
    nowMs: broker.clock.now(),
    audience: inquiry.claims.iss,
    received: 'forwarded',
    issuer: bureau,
  });
}
