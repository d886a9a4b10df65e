import { checkDelivery } from '@causeway/sdk/reports';
import { NATIONAL_POLICY } from '@causeway/policy';
import { CausewayError } from '@causeway/protocol';
import type { Consumer } from '../consumer.ts';
import { fetchReport, type InquiryView, lookAt, sendInquiry } from './broker-wire.ts';
import { advance, findOwnReport, type OwnReport } from './repository.ts';
import { openPart, sealPart } from './sealed.ts';

/** A page shows a report as long as its session lasts; who wants it later takes it along, or asks again. */
const keptMs = 30 * 60_000;
/** The deadline of an own inquiry lies so far behind its composition. */
const answeredMs = 90_000;

/** A report as it stands, and what its broker says of the bureaus while it runs. */
export interface Moved {
  readonly row: OwnReport;
  readonly live: InquiryView['bureaus'];
}

/**
 * Brings a report as far as it will go now: sends its inquiry, looks where it stands, and takes the report in
 * when there is one, or a newer version of it. Everything is done by whoever looks, and may be done twice: a
 * process that dies half way leaves a row from which the next look goes on.
 */
export async function moveOn(consumer: Consumer, row: OwnReport): Promise<Moved> {
  try {
    const sent = row.state === 'asserted' ? await handOver(consumer, row) : row;
    if (!isOpen(consumer, sent)) return { row: sent, live: [] };
    const view = await lookAt(consumer, await openPart(consumer, 'statement', sent, sent.statement));
    return { row: await follow(consumer, sent, view), live: view.bureaus };
  } catch (err) {
    if (!(err instanceof CausewayError)) throw err;
    consumer.log.warn({ event: 'own_report_waits', code: err.code, err });
    if (isLost(consumer, row, err)) {
      return { row: await moved(consumer, row, { state: 'failed', code: err.code }), live: [] };
    }
    // The broker is away, or will not have it now, or our directory is behind: the page looks again.
    return { row, live: [] };
  }
}

/** What the broker has is no report of this inquiry, and it has had its time. */
function isLost({ clock }: Consumer, { began_ms, state }: OwnReport, error: CausewayError): boolean {
  return state === 'sent' && !isPassing(error) && clock.now() >= began_ms + answeredMs;
}

/** Whether the broker may still have something new: an answer that came late makes the next version. */
function isOpen({ clock }: Consumer, { asserted_ms, partial, state }: OwnReport): boolean {
  if (state === 'sent') return true;
  const lateMs = NATIONAL_POLICY.parameters.answer_grace_s * 1000;
  return state === 'ready' && partial === true && clock.now() < (asserted_ms ?? 0) + lateMs;
}

async function handOver(consumer: Consumer, row: OwnReport): Promise<OwnReport> {
  try {
    await sendInquiry(consumer, await openPart(consumer, 'statement', row, row.statement));
  } catch (error) {
    if (!(error instanceof CausewayError) || isPassing(error)) throw error;
    return await moved(consumer, row, { state: 'refused', code: error.code });
  }
  return await moved(consumer, row, { state: 'sent' });
}

/** About this moment, and not about the inquiry. */
const isPassing = ({ status }: CausewayError): boolean => status >= 500 || status === 429;

async function follow(consumer: Consumer, row: OwnReport, view: InquiryView): Promise<OwnReport> {
  const { code = 'unavailable', report_version: newest = 0, state } = view;
  if (state === 'refused' || state === 'failed') return await moved(consumer, row, { state, code });
  if (newest <= (row.version ?? 0)) return row;
  return await takeIn(consumer, row, state === 'partial');
}

/**
 * Verifies a report down to each bureau's disclosure, as every recipient does, and keeps it sealed for a
 * while.
 */
async function takeIn(consumer: Consumer, row: OwnReport, partial: boolean): Promise<OwnReport> {
  const inquiry = await openPart(consumer, 'statement', row, row.statement);
  const delivery = await fetchReport(consumer, inquiry);
  if (delivery === undefined) return row;
  const { keys } = consumer.directory();
  const nowMs = consumer.clock.now();
  const context = { keys, fed: consumer.fed, nowMs, lender: consumer.key.member };
  const { report } = checkDelivery(delivery, inquiry, context);
  const { disclosures } = delivery;
  return await moved(consumer, row, {
    ...{ state: 'ready', version: report.claims.version, partial, kept_until_ms: nowMs + keptMs },
    report: await sealPart(consumer, 'report', row, JSON.stringify({ report: delivery.report, disclosures })),
  });
}

/** Writes what has come, unless another process was faster, and reads what stands now. */
async function moved(
  consumer: Consumer,
  row: OwnReport,
  to: Parameters<typeof advance>[3],
): Promise<OwnReport> {
  await advance(consumer.db, row, [row.state], to);
  return (await findOwnReport(consumer.db, [row.subject_ref], row.id)) ?? row;
}
