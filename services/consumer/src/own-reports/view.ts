import { NATIONAL_POLICY } from '@causeway/policy';
import {
  CausewayError,
  digestOf,
  readUnverified,
  type Digest,
  type Disclosure,
  type Report,
} from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { moveOn } from './move-on.ts';
import { yearStartMs } from './quota.ts';
import { countBetween, findOwnReport, keptReport, type OwnReport, ownReportsOf } from './repository.ts';
import { openPart } from './sealed.ts';

/** The subject's reports, newest first, and how many of this year's free ones are used. */
export async function listReports(consumer: Consumer, refs: readonly string[]) {
  const nowMs = consumer.clock.now();
  const rows = await ownReportsOf(consumer.db, refs);
  return {
    free_per_year: NATIONAL_POLICY.parameters.own_reports_free_per_year,
    used_this_year: await countBetween(consumer.db, refs, yearStartMs(nowMs), nowMs),
    items: rows.map(headOf),
  };
}

/**
 * One report: where it stands at each bureau, never silence, and what is in it once it has come and while it
 * is kept. Throws `not_found` for another person's as for an absent one.
 */
export async function readReport(consumer: Consumer, refs: readonly string[], id: string) {
  const found = await findOwnReport(consumer.db, refs, id);
  if (found === undefined) throw new CausewayError('not_found');
  const { live, row } = await moveOn(consumer, found);
  const box = row.state === 'ready' ? await keptReport(consumer.db, row) : undefined;
  const kept = box && openKept(await openPart(consumer, 'report', row, box));
  const asked = row.asserted_ms ?? row.began_ms;
  return {
    ...headOf(row),
    number: await countBetween(consumer.db, refs, yearStartMs(asked), asked),
    free_per_year: NATIONAL_POLICY.parameters.own_reports_free_per_year,
    bureaus: bureausOf(row, live, kept?.report),
    ...(kept === undefined ? {} : { report: contentOf(kept), origins: originsOf(kept.disclosures) }),
  };
}

function headOf(row: OwnReport) {
  const time = (ms: number): string => new Date(ms).toISOString();
  return {
    ...{
      id: row.id,
      inquiry: row.inquiry,
      state: row.state,
      asked_at: time(row.asserted_ms ?? row.began_ms),
    },
    ...(row.code === null ? {} : { code: row.code }),
    ...(row.version === null ? {} : { version: row.version }),
    ...(row.kept_until_ms === null ? {} : { kept_until: time(row.kept_until_ms) }),
  };
}

interface KeptReport {
  readonly digest: Digest;
  readonly report: Report;
  readonly disclosures: readonly Disclosure[];
}

/** What was verified when it was stored; the box opened. */
function openKept(text: string): KeptReport {
  const { disclosures, report } = JSON.parse(text) as { report: string; disclosures: string[] };
  return {
    digest: digestOf(report),
    report: readUnverified(report).claims as Report,
    disclosures: disclosures.map((jws) => readUnverified(jws).claims as Disclosure),
  };
}

/** One row per bureau in scope. */
function bureausOf(
  { bureaus }: OwnReport,
  live: readonly { bureau: string; state: string; code?: string }[],
  report?: Report,
) {
  if (report !== undefined) {
    return report.manifest.map(({ disclosure: _digest, outcome, ...row }) => ({ ...row, state: outcome }));
  }
  return bureaus.map((bureau) => live.find((row) => row.bureau === bureau) ?? { bureau, state: 'waiting' });
}

function contentOf({ digest, report }: KeptReport) {
  const { conflicts, exposure, iat, jti, merged, version } = report;
  const made_at = new Date(iat * 1000).toISOString();
  return { number: jti, digest, made_at, version, merged, exposure, conflicts };
}

/** By bureau and record id the id at the source, by which a dispute names a record. */
function originsOf(disclosures: readonly Disclosure[]): Record<string, Record<string, string>> {
  return Object.fromEntries(
    disclosures.map(({ iss, records }) => [
      iss,
      Object.fromEntries(records.map(({ record_id, source_record_id }) => [record_id, source_record_id])),
    ]),
  );
}
