import { merge } from '@causeway/aggregate';
import { seconds } from '@causeway/kernel';
import { NATIONAL_POLICY } from '@causeway/policy';
import { sign, type Digest, type ErrorCode, type Report, type Signed } from '@causeway/protocol';

import { archiveDirectory } from '../archive.ts';
import type { Broker } from '../broker.ts';
import type { Asked } from '../fan-out/ask-due.ts';
import { redeem } from '../fan-out/redeem.ts';
import type { Begun } from '../fan-out/start.ts';
import type { OpenInquiry } from '../inquiries/open-inquiry.ts';
import { wakeAtEnd } from '../inquiries/wait.ts';
import type { Finish, Finished } from './finish-inquiries.ts';
import { finishFailed, finishRefused } from './finish-without-report.ts';
import { type RowBasis, rowsAsTheyStand, rowsOfAnswers } from './outcomes.ts';
import type { OwnLeave } from './stopped.ts';
import { latestReport } from './stored-report.ts';

/** A report can be delivered again, and checked as live, for this long. */
const reportLifeSeconds = 90 * 86_400;

interface Basis {
  readonly use: number;
  readonly version: number;
  readonly supersedes?: Digest;
  readonly rows: readonly RowBasis[];
  readonly under: Digest;
  readonly own?: OwnLeave | undefined;
}

/**
 * The report of an inquiry whose bureaus have all answered just now: answers and report are written together,
 * and whoever waits in this process gets it from memory.
 */
export async function reportAnswers(
  broker: Broker,
  inquiry: OpenInquiry,
  { own, use }: Begun,
  asked: readonly Asked[],
): Promise<void> {
  const under = await archiveDirectory(broker, broker.directory.view());
  const rows = rowsOfAnswers(inquiry, asked, under);
  const basis = { use, version: 1, rows, under, own: own?.grant.claims };
  const { report, finished } = await write(broker, inquiry, basis);
  if (finished.kind !== 'reported') return await endUnreported(broker, inquiry, finished, basis);
  const disclosures = rows.flatMap(({ outcome }) => outcome.disclosure?.jws ?? []);
  const { receipt } = finished;
  wakeAtEnd(broker, inquiry.key, own && { inquiry, report, disclosures, own, receipt });
}

/**
 * The report of what the rows say now: the first one, or the next version where more bureaus have answered
 * than the last one cites. Whoever comes second finds it written.
 */
export async function reportRows(broker: Broker, inquiry: OpenInquiry): Promise<void> {
  const { row } = inquiry;
  if (row.use === null) throw new RangeError('a running inquiry has its use');
  const last = await latestReport(broker.db, inquiry.key);
  const rows = await rowsAsTheyStand(broker, inquiry);
  const answered = rows.filter(({ outcome }) => outcome.disclosure !== undefined).length;
  if (last !== undefined && answered <= last.disclosures) return;
  const under = await archiveDirectory(broker, broker.directory.view());
  const version = (last?.version ?? 0) + 1;
  const supersedes = last === undefined ? {} : { supersedes: last.digest };
  const basis = { use: row.use, version, ...supersedes, rows, under };
  const { finished } = await write(broker, inquiry, basis);
  if (finished.kind !== 'reported') return await endUnreported(broker, inquiry, finished, basis);
  wakeAtEnd(broker, inquiry.key);
}

async function write(
  broker: Broker,
  inquiry: OpenInquiry,
  basis: Basis,
): Promise<{ report: Signed<'report'>; finished: Finished }> {
  const report = signReport(broker, inquiry, basis);
  const open = basis.rows.some(({ becomes: { state } }) => state === 'waiting' || state === 'asking');
  const finish: Finish = {
    ...{ inquiry, report, rows: basis.rows, under: basis.under, lateAnswers: open },
    own: basis.own,
    box: inquiry.seal.seal(`report/${basis.version}`, report.jws),
    state: isComplete(report.claims) ? 'complete' : 'partial',
  };
  const finished = await broker.steps.finish.submit(finish);
  await broker.faults.at('report-committed');
  return { report, finished };
}

function signReport(broker: Broker, inquiry: OpenInquiry, basis: Basis): Signed<'report'> {
  const { conflicts, exposure, manifest, merged } = merge(basis.rows.map(({ outcome }) => outcome));
  return sign(
    'report',
    {
      aud: inquiry.claims.iss,
      exp: seconds(broker.clock) + reportLifeSeconds,
      subject_ref: inquiry.claims.subject_ref,
      inquiry: inquiry.digest,
      use: basis.use,
      version: basis.version,
      ...(basis.supersedes === undefined ? {} : { supersedes: basis.supersedes }),
      manifest,
      merged,
      exposure,
      conflicts,
      policy_version: NATIONAL_POLICY.version,
    },
    broker,
  );
}

const askerCodes: ReadonlySet<ErrorCode> = new Set(['member_suspended', 'member_unknown']);

/**
 * A stop came before the report. One that concerns the subject was decided by the consumer service, which
 * says so in a refusal of this use; where it does not (the stop has been lifted), the next run reports. A
 * freeze that is opened for the asker alone stands on: the grant says so, and the report is written under it.
 */
async function endUnreported(
  broker: Broker,
  inquiry: OpenInquiry,
  finished: Finished,
  basis: Basis,
): Promise<void> {
  if (finished.kind !== 'stopped') return;
  const late = inquiry.row.state === 'partial';
  if (late && finished.by !== 'subject_frozen') return;
  if (askerCodes.has(finished.by)) return await finishFailed(broker, inquiry.key, finished.by);
  const answer = await redeem(broker, inquiry, [broker.me]);
  if ('refused' in answer) return late ? undefined : await finishRefused(broker, inquiry, answer.refused);
  const own = answer.granted.grants.get(broker.me)?.claims;
  if (own?.despite_freeze === undefined || basis.own?.despite_freeze !== undefined) return;
  const again = await write(broker, inquiry, { ...basis, own });
  if (again.finished.kind === 'reported') wakeAtEnd(broker, inquiry.key);
}

const missing = new Set(['refused', 'frozen', 'timeout', 'error', 'stale']);

/** Complete: every bureau in scope told what it has, if only that it has nothing. */
function isComplete({ manifest }: Report): boolean {
  return !manifest.some((row) => missing.has(row.outcome));
}
