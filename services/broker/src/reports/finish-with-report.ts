import { merge } from '@causeway/aggregate';
import { seconds } from '@causeway/kernel';
import { asPart, insertLeaves } from '@causeway/member';
import { NATIONAL_POLICY } from '@causeway/policy';
import { sign, type Digest, type Report, type Signed } from '@causeway/protocol';
import { transaction } from '@causeway/service';
import type { Transaction } from 'kysely';

import { archiveDirectory } from '../archive.ts';
import type { Broker } from '../broker.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { wakeAtEnd } from '../inquiries/wait.ts';
import type { BrokerTables } from '../tables.ts';
import { finishFailed } from './finish-without-report.ts';
import { collectOutcomes } from './outcomes.ts';
import { releaseStopped } from './stopped.ts';

/** A report can be delivered again, and checked as live, for this long. */
const reportLifeSeconds = 90 * 86_400;
const version = 1;

/**
 * Merges what there is, signs the report and finishes, all in one transaction under the inquiry's row lock,
 * which every bureau's outcome takes too: the report says exactly what the rows say. Whoever comes second
 * finds it finished.
 */
export async function finishWithReport(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const under = await archiveDirectory(broker, broker.directory.view());
  const stopped = await transaction(broker.db, async (trx) => {
    const code = await releaseStopped(broker, trx, inquiry);
    if (code !== undefined) return code;
    const running = await trx
      .selectFrom('inquiry')
      .where('inquiry', '=', inquiry.key)
      .where('state', '=', 'running')
      .select('use')
      .forUpdate()
      .executeTakeFirst();
    if (running === undefined || running.use === null) return undefined;
    await writeReport(broker, trx, inquiry, { use: running.use, under });
    return undefined;
  });
  // Stopped after the bureaus had answered: no report is made, so that no leaf lies beyond the stop's ack.
  if (stopped !== undefined) return await finishFailed(broker, inquiry.key, stopped);
  // A crash before the commit leaves the rows as they were: the next run merges the same disclosures.
  wakeAtEnd(broker, inquiry.key);
}

async function writeReport(
  broker: Broker,
  trx: Transaction<BrokerTables>,
  inquiry: OpenInquiry,
  { use, under }: { use: number; under: Digest },
): Promise<void> {
  const outcomes = await collectOutcomes(broker, trx, inquiry);
  const { conflicts, exposure, manifest, merged } = merge(outcomes);
  const report = sign(
    'report',
    {
      aud: inquiry.claims.iss,
      exp: seconds(broker.clock) + reportLifeSeconds,
      subject_ref: inquiry.claims.subject_ref,
      inquiry: inquiry.digest,
      use,
      version,
      manifest,
      merged,
      exposure,
      conflicts,
      policy_version: NATIONAL_POLICY.version,
    },
    broker,
  );
  await store(broker, trx, inquiry, { report, use, under });
}

async function store(
  broker: Broker,
  trx: Transaction<BrokerTables>,
  inquiry: OpenInquiry,
  { report, under, use }: { report: Signed<'report'>; use: number; under: Digest },
): Promise<void> {
  const { key, seal } = inquiry;
  const now = broker.clock.now();
  const state = isComplete(report.claims) ? 'complete' : 'partial';
  const opening = {
    ...{ typ: 'report', digest: report.digest, inquiry: inquiry.digest, use },
    ...{ iss: broker.me, aud: inquiry.claims.iss, at_ms: now, outcome: state },
  };
  await trx
    .with('reported', (part) =>
      part.insertInto('inquiry_report').values({
        ...{ inquiry: key, use, version, digest: report.digest, signed_under: under, signed_ms: now },
        report: seal.seal(`report/${version}`, report.jws),
      }),
    )
    .with('leaf', () => asPart(insertLeaves([{ partitionKey: key, opening }])))
    .with('work', (part) => part.deleteFrom('inquiry_outbox').where('inquiry', '=', key))
    .updateTable('inquiry')
    .set((eb) => ({ state, finished_ms: now, seq: eb('seq', '+', 1) }))
    .where('inquiry', '=', key)
    .execute();
}

const missing = new Set(['refused', 'frozen', 'timeout', 'error', 'stale']);

/** Complete: every bureau in scope told what it has, if only that it has nothing. */
function isComplete({ manifest }: Report): boolean {
  return !manifest.some((row) => missing.has(row.outcome));
}
