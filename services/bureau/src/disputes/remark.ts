import type { RecordKey } from '../store/record-key.ts';
import { inTransaction } from '../store/in-transaction.ts';
import { markRows } from '../life/marks.ts';
import { lockRecords } from '../life/restamp.ts';
import { lockDispute, setMark, unmarkedDisputes } from './repository.ts';
import type { Handling } from './step.ts';

const disputesAtOnce = 100;

/**
 * Marks disputed items that have come back without their mark: what a publisher deletes while it is disputed
 * goes with its marks, and may be reported again. Returns how many it marked.
 */
export async function remarkDisputed(bureau: Handling): Promise<number> {
  let marked = 0;
  for (const id of await unmarkedDisputes(bureau.pool, disputesAtOnce)) {
    await inTransaction(bureau.pool, async (client) => {
      const row = await lockDispute(client, id);
      const rows = row === undefined ? [] : await lockRecords(client, JSON.parse(row.keys) as RecordKey[]);
      if (row === undefined || rows.length === 0) return;
      await setMark(client, row, await markRows(bureau, client, rows, { kind: 'dispute_mark' }));
      marked += 1;
      // A crash before the COMMIT is answered leaves the item marked or not: the next run finds out.
    });
  }
  return marked;
}
