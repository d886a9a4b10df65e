import type { XmlElement } from '@causeway/records/xml';

import { readAccount } from './account.ts';
import { readFacility, readLiability } from './commitments.ts';
import { Draft, dropped, passed } from './draft.ts';
import { readEnterpriseProfile, readRelation } from './enterprise-profile.ts';
import { readRating, readStatement } from './financials.ts';
import { readAnnotations } from './marks.ts';
import { readGroups } from './person-report.ts';
import { readPostpaid } from './postpaid.ts';
import { readPublicRecord } from './public-records.ts';
import type { Report } from './report.ts';

type SegmentReader = (report: Report, element: XmlElement) => void;

const groups: readonly (readonly [string, string, SegmentReader])[] = [
  ['ECA', 'EC01', readEnterpriseProfile],
  ['ECA', 'EC02', (report, element) => readRelation(report, element, 'shareholder')],
  ['ECA', 'EC03', (report, element) => readRelation(report, element, 'officer')],
  ['ECA', 'EC04', (report, element) => readRelation(report, element, 'parent')],
  ['ECA', 'EC05', (report, element) => readRelation(report, element, 'actual_controller')],
  ['EDA', 'ED01', (report, element) => readAccount(report, element, 'ED01')],
  ['EDA', 'ED02', (report, element) => readFacility(report, element, 'ED')],
  ['EDA', 'ED03', (report, element) => readLiability(report, element, 'ED')],
  ['EEA', 'EE01', (report, element) => readPostpaid(report, element, 'EE01')],
  ['EFA', 'EF01', readPublicRecord],
  ['EFB', 'EF02', readPublicRecord],
  ['EFB', 'EF08', readPublicRecord],
  ['EFC', 'EF03', readPublicRecord],
  ['EFD', 'EF04', readPublicRecord],
  ['EFE', 'EF05', readPublicRecord],
  ['EFE', 'EF09', readPublicRecord],
  ['EFF', 'EF06', readPublicRecord],
  ['EFG', 'EF07', readPublicRecord],
  ['EGA', 'EG01', readStatement],
  ['EHA', 'EH01', readRating],
  ['EIA', 'EI01', (report, element) => readAnnotations(report, element, 'EI01')],
];

/**
 * EBA to EBE add up what the details say, but for the monthly history of all debts together, for which the
 * model has no record: it is dropped with them, by name.
 */
const summaries = ['EBA', 'EBB', 'EBC', 'EBD', 'EBE'];

/** Reads an enterprise's report into `report.records`. */
export function readEnterpriseReport(report: Report, document: XmlElement): void {
  new Draft(report).read(document, [
    ...passed('EAA', ...groups.map(([group]) => group)),
    ...dropped(...summaries),
  ]);
  readGroups(report, document, groups);
}
