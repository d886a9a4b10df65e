import { stageLeaf, type LeafOpening } from '@causeway/member';
import { hotQuery, PackedBytes, transaction, type HotStatement, type ItemOutcome } from '@causeway/service';
import type { Lane } from '@causeway/service/queue';
import type { Insertable } from 'kysely';

import type { Broker } from '../broker.ts';
import { recordRefusal, type EarlyRefusal } from '../refusals/record.ts';
import type { InquiryTable } from '../tables.ts';
import { freshMs } from './outbox.ts';

/** An inquiry about to be accepted, as its row will be, and the lane of its work. */
export type Acceptance = Insertable<InquiryTable> & { readonly lane: Lane };

const acceptInquiries: HotStatement = {
  name: 'accept_inquiries',
  text: `WITH asked AS (
      SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[],
          $7::bigint[], $8::text[], $9::int[], $10::int[], $11::int[], $12::int[], $16::uuid[])
        WITH ORDINALITY AS a (inquiry, id, lender, digest, accepted_under, deadline_ms, accepted_ms,
          lane, key_at, key_length, statement_at, statement_length, life, n)
    ), accepted AS (
      INSERT INTO inquiry (inquiry, id, lender, digest, accepted_under, deadline_ms, accepted_ms, state,
        seq, refused_early, life, data_key, statement)
      SELECT inquiry, id, lender, digest, accepted_under, deadline_ms, accepted_ms, 'accepted', 1, false,
        life,
        substring($13::bytea FROM key_at FOR key_length),
        substring($13::bytea FROM statement_at FOR statement_length)
      FROM asked ORDER BY inquiry
      ON CONFLICT (inquiry) DO NOTHING
      RETURNING inquiry
    ), leaves AS (
      INSERT INTO leaf_staging (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
      SELECT inquiry, digest, 'inquiry', digest, NULL, lender, $14, accepted_ms, NULL
      FROM asked JOIN accepted USING (inquiry) ORDER BY n
    ), work AS (
      INSERT INTO inquiry_outbox (inquiry, next_at_ms, attempts, lane)
      SELECT inquiry, accepted_ms + $15, 0, lane FROM asked JOIN accepted USING (inquiry)
    )
    SELECT inquiry FROM accepted`,
};

/**
 * Accepted inquiries, their leaves and their outbox rows: one statement, all or nothing. Each is told whether
 * it was the first under its key; where it was not, nothing was written for it.
 */
export async function insertAccepted(
  { me, pool }: Pick<Broker, 'me' | 'pool'>,
  items: readonly Acceptance[],
): Promise<ItemOutcome<boolean>[]> {
  const packed = new PackedBytes();
  const keys = items.map(({ data_key }) => packed.add(data_key));
  const statements = items.map(({ statement }) => packed.add(statement));
  const column = <K extends keyof Acceptance>(name: K) => items.map((item) => item[name]);
  const rows = await hotQuery<{ inquiry: string }>(pool, acceptInquiries, [
    ...[column('inquiry'), column('id'), column('lender'), column('digest'), column('accepted_under')],
    ...[column('deadline_ms'), column('accepted_ms'), column('lane')],
    ...[keys.map(({ at }) => at), keys.map(({ length }) => length)],
    ...[statements.map(({ at }) => at), statements.map(({ length }) => length), packed.bytes, me, freshMs],
    column('life'),
  ]);
  const accepted = new Set(rows.map(({ inquiry }) => inquiry));
  return items.map(({ inquiry }) => ({ value: accepted.has(inquiry) }));
}

/**
 * An inquiry refused at the door with its refusal and both leaves; undefined where its key was there already.
 */
export async function insertRefused(
  broker: Broker,
  values: Insertable<InquiryTable>,
  opening: LeafOpening,
  refused: Parameters<typeof recordRefusal>[2],
): Promise<EarlyRefusal | undefined> {
  return await transaction(broker.db, async (trx) => {
    const inserted = await trx
      .insertInto('inquiry')
      .values(values)
      .onConflict((conflict) => conflict.column('inquiry').doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows !== 1n) return undefined;
    await stageLeaf(trx, values.inquiry, opening);
    return await recordRefusal(broker, trx, refused);
  });
}
