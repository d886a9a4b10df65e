import { uuidv7 } from '@causeway/kernel';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { PasskeyNoticeRow, PasskeyRow } from '../passkey-rows.ts';
import type { ConsumerTables } from '../tables.ts';

/**
 * Leaves word of a passkey for the channels that the person had before, in the transaction of the act.
 * Whoever sends takes it from `passkey_notice`; until then it stands there.
 */
export async function announcePasskey(
  { clock, random }: Pick<Consumer, 'clock' | 'random'>,
  trx: Transaction<ConsumerTables>,
  what: PasskeyNoticeRow['what'],
  { counts_from_ms, enrolment, subject_ref }: PasskeyRow,
): Promise<void> {
  const id = uuidv7(clock, random);
  await trx
    .insertInto('passkey_notice')
    .values({ subject_ref, id, what, enrolment, counts_from_ms, at_ms: clock.now() })
    .execute();
}
