import { CausewayError } from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';

import type { Bureau } from '../bureau.ts';
import { inTransaction } from '../store/in-transaction.ts';
import { nextVersion } from '../store/next-version.ts';
import { priorVersions } from '../store/prior-versions.ts';
import type { RecordKey } from '../store/record-key.ts';
import type { KeyedVersion } from '../store/write-versions.ts';
import { writeVersions } from '../store/write-versions.ts';
import { keyOf, lockRecords } from './restamp.ts';

/**
 * The person was told of adverse information: it becomes a version that names the notice, and is no longer
 * held back for want of one. The keys are one record in several epochs of references.
 * @throws CausewayError `not_found` where there is no such record, `conflict` where it is not adverse
 */
export async function noticeGiven(
  { clock, life, pool }: Pick<Bureau, 'clock' | 'life' | 'pool'>,
  keys: readonly RecordKey[],
  noticeId: string,
): Promise<void> {
  await inTransaction(pool, async (client) => {
    const rows = await lockRecords(client, keys);
    if (rows.length === 0) throw new CausewayError('not_found');
    const priors = await priorVersions(client, rows.map(keyOf));
    const versions = rows.flatMap((row, n): KeyedVersion[] => {
      const record = JSON.parse(row.body) as CreditRecord;
      if (record.is_adverse !== true)
        throw new CausewayError('conflict', { detail: 'The record is not adverse.' });
      const at = { subjectKind: row.kind, rules: life(), nowMs: clock.now() };
      const next = nextVersion({ ...record, notice_id: noticeId }, priors[n], at);
      return next.kind === 'version' ? [{ key: keyOf(row), kind: row.kind, row: next.row }] : [];
    });
    await writeVersions(client, versions, Math.max(...rows.map(({ batch }) => batch)));
    // A crash before the COMMIT is answered leaves the notice on all of the rows or on none; it is sent
    // again.
  });
}
