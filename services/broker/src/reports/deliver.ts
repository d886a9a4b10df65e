import { CausewayError, type ErrorCode } from '@causeway/protocol';
import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Broker } from '../broker.ts';
import { citedDisclosures } from '../fan-out/disclosures.ts';
import { findInquiry, openInquiry, type InquiryRow, type OpenInquiry } from '../inquiries/open-inquiry.ts';
import { replyRefusal } from '../refusals/reply.ts';
import { askLeave, type ReadyReport, release, releaseReady } from './release.ts';
import { latestReport } from './stored-report.ts';

/** Answers with a report that has just been made here; like a stored one where the leave for it is over. */
export async function deliverReady(
  broker: Broker,
  ready: ReadyReport,
  http: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const { disclosures, inquiry, report } = ready;
  const sent = releaseReady(broker, ready, () => {
    const { version } = report.claims;
    http.reply.code(200).send({ inquiry: inquiry.digest, version, report: report.jws, disclosures });
  });
  return sent ? http.reply : await deliverReport(broker, inquiry.key, {}, http);
}

/**
 * Answers with the report, if there is one and the consumer service still lets it go; with 202 while the
 * inquiry runs; with the refusal where there is one. The inquiry is looked up by the caller's own key.
 * @throws CausewayError not_found, deadline_passed and whatever else ended the inquiry, unavailable
 */
export async function deliverReport(
  broker: Broker,
  key: string,
  wanted: { version?: number | undefined },
  http: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined) throw new CausewayError('not_found');
  if (row.state === 'accepted' || row.state === 'running') {
    return http.reply.code(202).header('retry-after', '1').send({ state: row.state });
  }
  if (row.state === 'failed') throw new CausewayError(row.code ?? 'internal');
  const inquiry = await openInquiry(broker, row);
  if (row.state === 'refused') return replyRefusal(http.request, http.reply, storedRefusal(inquiry));
  const stored = await latestReport(broker.db, key, wanted.version);
  if (stored === undefined) throw new CausewayError('not_found');
  const { version } = stored;
  const report = inquiry.seal.open(`report/${version}`, stored.report);
  const disclosures = await citedDisclosures(broker.db, inquiry, report);
  const leave = await askLeave(broker, inquiry);
  if ('refused' in leave) return replyRefusal(http.request, http.reply, leave.refused);
  await release(broker, inquiry, leave, () => {
    http.reply.code(200).send({ inquiry: inquiry.digest, version, report, disclosures });
  });
  return http.reply;
}

function storedRefusal({ row, seal }: { row: InquiryRow } & Pick<OpenInquiry, 'seal'>): {
  code: ErrorCode;
  refusal: string;
} {
  if (row.refusal === null || row.code === null)
    throw new CausewayError('internal', { internal: 'no refusal' });
  return { code: row.code, refusal: seal.open('refusal', row.refusal) };
}
