import { seconds, uuidv7 } from '@causeway/kernel';
import type { StageLeaf } from '@causeway/member';
import { sign, type Handling, type Verified } from '@causeway/protocol';
import type { Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import type { ConsumerTables, DisputeRow } from '../tables.ts';
import { grantedInquiries, insertCorrection } from './repository.ts';

/** How long a lender reads a correction as news, in seconds. */
const statementLife = 365 * 86_400;

interface Deciding {
  readonly trx: Transaction<ConsumerTables>;
  readonly stage: StageLeaf;
  readonly row: DisputeRow;
  readonly handling: Verified<Handling>;
}

/**
 * Issues a correction to each lender that may have been given the item: for inquiries that the bureau names
 * and that were granted here, about this subject, with this bureau and one of the item's categories among
 * what was granted. So a lender hears of no item that it could not have seen, whatever the bureau says.
 * Returns to how many of those whose inquiry the subject is shown.
 */
export async function correctRecipients(
  consumer: Consumer,
  { handling, row, stage, trx }: Deciding,
  { categories = [], recipients = [] }: { categories?: readonly string[]; recipients?: readonly string[] },
): Promise<number> {
  const { outcome } = handling.claims;
  if (outcome !== 'corrected' && outcome !== 'deleted') return 0;
  if (recipients.length === 0 || categories.length === 0) return 0;
  const refs = await refsOf(trx, row.subject_ref);
  const granted = await grantedInquiries(trx, refs, { recipients, bureau: row.bureau, categories });
  for (const { inquiry, lender } of granted) {
    const iat = seconds(consumer.clock);
    const signed = sign(
      'correction',
      {
        ...{ aud: lender, iat, exp: iat + statementLife, inquiry, bureau: row.bureau, record: row.record },
        ...{ outcome, handling: handling.digest, jti: uuidv7(consumer.clock, consumer.random) },
      },
      consumer,
    );
    const at_ms = consumer.clock.now();
    await insertCorrection(trx, {
      ...{ subject_ref: row.subject_ref, inquiry, handling: handling.digest, id: signed.claims.jti },
      ...{ dispute: row.id, lender, statement: signed.jws, at_ms },
    });
    const about = { typ: 'correction', digest: signed.digest, inquiry: null, use: null, outcome };
    await stage(row.subject_ref, { ...about, iss: consumer.key.member, aud: lender, at_ms });
  }
  // Counted for the subject are lenders that they know of.
  return granted.filter(({ shown_from_ms: fromMs }) => fromMs === null || fromMs <= consumer.clock.now())
    .length;
}
