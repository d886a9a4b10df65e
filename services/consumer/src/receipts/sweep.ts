import { transaction } from '@causeway/service';
import { sql, type Transaction } from 'kysely';
import type { Consumer } from '../consumer.ts';
import type { ConsumerTables } from '../tables.ts';

/** A standing consent is recalled to its subject every 90 days. */
const remindMs = 90 * 86_400_000;
/** What one transaction tells at most: a day of ends and reminders. */
const stepMs = 86_400_000;
/** Where nothing has been swept yet. */
const firstMs = 86_400_000;
/** Ten years of reminders: longer than any consent lasts. */
const remindersMax = 41;

/**
 * Tells of consents that have ended by time and of standing ones that are 90 days older, the latter not to
 * whom reminders are switched off for, each once, up to
 * this moment (ms since the epoch); what was missed while nothing ran is caught up in steps. Of several
 * processes one does it. Nothing that is granted depends on it.
 */
export async function sweepConsents(
  { db }: Pick<Consumer, 'db'>,
  nowMs: number,
  signal?: AbortSignal,
): Promise<void> {
  while (signal?.aborted !== true) {
    const untilMs = await transaction(db, async (trx) => await sweepStep(trx, nowMs));
    // A crash before the COMMIT is answered leaves the step told or due: the next run finds out.
    if (untilMs === undefined || untilMs >= nowMs) return;
  }
}

/** Up to when all has been told; undefined where another process is at it. */
async function sweepStep(trx: Transaction<ConsumerTables>, nowMs: number): Promise<number | undefined> {
  await trx
    .insertInto('consent_sweep')
    .values({ single: true, until_ms: nowMs - firstMs })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const row = await trx
    .selectFrom('consent_sweep')
    .select('until_ms')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (row === undefined) return undefined;
  const [fromMs, untilMs] = [row.until_ms, Math.min(nowMs, row.until_ms + stepMs)];
  if (untilMs <= fromMs) return fromMs;
  await sql`
    INSERT INTO consent_notice (subject_ref, consent, kind, number, at_ms)
    SELECT subject_ref, id, 'expired', 1, valid_until_ms FROM consent
    WHERE state <> 'revoked' AND valid_until_ms > ${fromMs} AND valid_until_ms <= ${untilMs}
    UNION ALL
    SELECT subject_ref, id, 'reminder', number, valid_from_ms + number * ${remindMs}::bigint
    FROM generate_series(1, ${remindersMax}::int) AS number CROSS JOIN LATERAL (
      SELECT subject_ref, id, valid_from_ms FROM consent
      WHERE state <> 'revoked' AND max_uses > 1 AND uses < max_uses AND valid_until_ms > ${untilMs}
        AND valid_from_ms > ${fromMs}::bigint - number * ${remindMs}::bigint
        AND valid_from_ms <= ${untilMs}::bigint - number * ${remindMs}::bigint
        AND NOT EXISTS (SELECT FROM reminder_stop AS stopped WHERE stopped.since_ms IS NOT NULL
          AND (stopped.subject_ref = consent.subject_ref OR stopped.subject_ref IN (
            SELECT other.subject_ref FROM subject_link AS mine JOIN subject_link AS other USING (first_ref)
            WHERE mine.subject_ref = consent.subject_ref)))) AS standing
    ON CONFLICT DO NOTHING`.execute(trx);
  await trx.updateTable('consent_sweep').set({ until_ms: untilMs }).execute();
  return untilMs;
}
