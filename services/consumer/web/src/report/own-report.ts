import { get, post } from '@causeway/ui/requests.ts';
import type { Conflict, Exposure, MergedFile } from '@causeway/records/report';
import { type Assertion, type OwnReportHead } from '../api.ts';

/** A bureau in scope: how it stands, or what it answered. */
export interface BureauRow {
  readonly bureau: string;
  readonly state: string;
  readonly records?: number;
  readonly as_of?: string;
  readonly code?: string;
}

export interface ReportContent {
  /** The report's own number, printed on it. */
  readonly number: string;
  /** By which a dispute names it. */
  readonly digest: string;
  readonly made_at: string;
  readonly version: number;
  readonly merged: MergedFile;
  readonly exposure: Exposure;
  readonly conflicts: readonly Conflict[];
}

/** The ids at the source, by bureau and record id. */
export type Origins = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface OwnReport extends OwnReportHead {
  readonly number: number;
  readonly free_per_year: number;
  readonly bureaus: readonly BureauRow[];
  /** There once it has come, and while it is kept. */
  readonly report?: ReportContent;
  readonly origins?: Origins;
}

export const ownReportApi = {
  begin: async () =>
    await post<{ id: string; options: PublicKeyCredentialRequestOptionsJSON }>('/v1/report', {}),
  assert: async (id: string, assertion: Assertion) =>
    await post<OwnReport>(`/v1/report/${id}/assertion`, { assertion }),
  read: async (id: string) => await get<OwnReport>(`/v1/report/${id}`),
};
