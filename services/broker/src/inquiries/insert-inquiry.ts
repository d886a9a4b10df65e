import { asPart, insertLeaves, stageLeaf, type LeafOpening } from '@causeway/member';
import { transaction } from '@causeway/service';
import type { Lane } from '@causeway/service/queue';
import type { Insertable } from 'kysely';

import type { Broker } from '../broker.ts';
import { recordRefusal, type EarlyRefusal } from '../refusals/record.ts';
import type { InquiryTable } from '../tables.ts';
import { workFor } from './outbox.ts';

/**
 * An accepted inquiry, its leaf and its outbox row: one statement, all or nothing. False where its key was
 * there already; then nothing is written.
 */
export async function insertAccepted(
  { db }: Pick<Broker, 'db'>,
  values: Insertable<InquiryTable>,
  opening: LeafOpening,
  lane: Lane,
): Promise<boolean> {
  const inserted = await db
    .with('accepted', (part) =>
      part
        .insertInto('inquiry')
        .values(values)
        .onConflict((conflict) => conflict.column('inquiry').doNothing())
        .returning('inquiry'),
    )
    .with('leaf', () => asPart(insertLeaves([{ partitionKey: values.inquiry, opening }], 'accepted')))
    .with('work', () => asPart(workFor('accepted', values.accepted_ms, lane)))
    .selectFrom('accepted')
    .select('inquiry')
    .execute();
  return inserted.length === 1;
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
