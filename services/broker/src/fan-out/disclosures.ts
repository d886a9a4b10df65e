import { verify, type Disclosure, type Verified } from '@causeway/protocol';
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

/** The stored disclosures that count, as they came, ordered by bureau. */
export async function storedDisclosures(
  db: Kysely<BrokerTables>,
  inquiry: OpenInquiry,
): Promise<{ bureau: string; jws: string }[]> {
  const rows = await db
    .selectFrom('inquiry_disclosure as d')
    .innerJoin('inquiry_bureau as b', (join) =>
      join.onRef('b.inquiry', '=', 'd.inquiry').onRef('b.bureau', '=', 'd.bureau'),
    )
    .where('d.inquiry', '=', inquiry.key)
    .where('b.state', 'in', toldStates)
    .select(['d.bureau', 'd.disclosure'])
    .orderBy('d.bureau')
    .execute();
  return rows.map(({ bureau, disclosure }) => ({
    bureau,
    jws: inquiry.seal.open(`disclosure/${bureau}`, disclosure),
  }));
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
