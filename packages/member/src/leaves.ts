import type { LeafOpening } from '@causeway/ledger';
import { sql } from 'kysely';
import type { Kysely, Transaction } from 'kysely';

declare const committed: unique symbol;

/**
 * Proof that a leaf was staged in a transaction that has committed: the sequencer will place it whatever
 * happens now. Releasing personal data demands one. Made in this module only.
 */
export interface LeafReceipt {
  readonly [committed]: true;
  readonly digest: LeafOpening['digest'];
  /** When the leaf was staged, milliseconds since the epoch. */
  readonly at_ms: number;
}

/** Puts a leaf beside the row that it records, in the same transaction. */
export type StageLeaf = (partitionKey: string, opening: LeafOpening) => Promise<void>;

/**
 * Puts a leaf into `leaf_staging`. `partitionKey` is that of the row it records (subject_ref, or inquiry id
 * at the broker). A statement staged twice is one leaf.
 */
export async function stageLeaf<DB>(
  trx: Transaction<DB>,
  partitionKey: string,
  opening: LeafOpening,
): Promise<void> {
  const { typ, digest, inquiry, use, iss, aud, at_ms, outcome } = opening;
  await sql`
    INSERT INTO leaf_staging (partition_key, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
    VALUES (${partitionKey}, ${digest}, ${typ}, ${inquiry}, ${use}, ${iss}, ${aud}, ${at_ms}, ${outcome})
  `.execute(trx);
}

/**
 * Runs `work` in one transaction and hands out a receipt for each leaf it staged, in that order. A receipt
 * exists only once the COMMIT has been answered: where the answer is lost there is none, and the caller comes
 * again under the same once key.
 */
export async function withReceipts<DB, T>(
  db: Kysely<DB>,
  work: (trx: Transaction<DB>, stage: StageLeaf) => Promise<T>,
): Promise<{ value: T; receipts: LeafReceipt[] }> {
  const staged: LeafOpening[] = [];
  const value = await db.transaction().execute(async (trx) => {
    staged.length = 0;
    return await work(trx, async (partitionKey, opening) => {
      await stageLeaf(trx, partitionKey, opening);
      staged.push(opening);
    });
  });
  // A crash here leaves records and staged leaves without an answer: the sequencer places the leaves, and a
  // retry under the same once key finds the records.
  return { value, receipts: staged.map(receiptFor) };
}

function receiptFor({ digest, at_ms }: LeafOpening): LeafReceipt {
  return { digest, at_ms } as LeafReceipt;
}
