import { CausewayError, type Digest, type ErrorCode } from '@causeway/protocol';

import type { Broker } from '../broker.ts';
import { bureauRows } from '../fan-out/repository.ts';
import type { BureauState, InquiryState } from '../tables.ts';
import { latestReport } from '../reports/stored-report.ts';
import { findInquiry } from './open-inquiry.ts';

/** Where an inquiry stands: ids, states and codes, never what is in it or whom it is about. */
export interface InquiryView {
  readonly id: string;
  readonly digest: Digest;
  readonly state: InquiryState;
  readonly bureaus: readonly { bureau: string; state: BureauState; attempts: number; code?: ErrorCode }[];
  readonly report_version?: number;
  readonly code?: ErrorCode;
  readonly links: InquiryLinks;
}

export interface InquiryLinks {
  readonly self: string;
  readonly report: string;
  readonly evidence: string;
  readonly events: string;
}

export function linksOf(id: string): InquiryLinks {
  const self = `/v1/inquiries/${id}`;
  return { self, report: `${self}/report`, evidence: `${self}/evidence`, events: `${self}/events` };
}

/** @throws CausewayError not_found */
export async function viewInquiry(broker: Broker, key: string): Promise<InquiryView> {
  const row = await findInquiry(broker.db, key);
  if (row === undefined) throw new CausewayError('not_found');
  const bureaus = (await bureauRows(broker.db, key)).map(({ attempt, bureau, code, state }) => ({
    bureau,
    state,
    attempts: attempt,
    ...(code === null ? {} : { code }),
  }));
  const { code, digest, id, state } = row;
  const report = await latestReport(broker.db, key);
  return {
    id,
    digest,
    state,
    bureaus,
    ...(report === undefined ? {} : { report_version: report.version }),
    ...(code === null ? {} : { code }),
    links: linksOf(id),
  };
}
