import { childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { readAccount } from './account.ts';
import { readFacility, readLiability } from './commitments.ts';
import { Draft, dropped, passed } from './draft.ts';
import { readInquiry } from './inquiries.ts';
import { readAnnotations } from './marks.ts';
import { readPostpaid } from './postpaid.ts';
import { readPersonProfile } from './profile.ts';
import { readPublicRecord } from './public-records.ts';
import type { Report } from './report.ts';
import { readScore } from './score.ts';

type SegmentReader = (report: Report, element: XmlElement) => void;

/** Each group of the report, the segments in it, and what reads one. */
const groups: readonly (readonly [string, string, SegmentReader])[] = [
  ['PSM', 'PC01', readScore],
  ['PDA', 'PD01', (report, element) => readAccount(report, element, 'PD01')],
  ['PCA', 'PD02', (report, element) => readFacility(report, element, 'PD')],
  ['PCR', 'PD03', (report, element) => readLiability(report, element, 'PD')],
  ['PND', 'PE01', (report, element) => readPostpaid(report, element, 'PE01')],
  ['POT', 'PF01', readPublicRecord],
  ['PCJ', 'PF02', readPublicRecord],
  ['PCE', 'PF03', readPublicRecord],
  ['PAP', 'PF04', readPublicRecord],
  ['PHF', 'PF05', readPublicRecord],
  ['PBS', 'PF06', readPublicRecord],
  ['PPQ', 'PF07', readPublicRecord],
  ['PAH', 'PF08', readPublicRecord],
  ['POS', 'PG01', (report, element) => readAnnotations(report, element, 'PG01')],
  ['POQ', 'PH01', readInquiry],
];

/** PCO, PNO, PPO and PQO only add up what the other groups say. */
const summaries = ['PCO', 'PNO', 'PPO', 'PQO'];
const profileGroups = ['PRH', 'PIM', 'PMM', 'PRM', 'POM'];

/** Reads a personal report into `report.records`. */
export function readPersonReport(report: Report, document: XmlElement): void {
  new Draft(report).read(document, [
    ...passed(...profileGroups, ...groups.map(([group]) => group)),
    ...dropped(...summaries),
  ]);
  for (const group of profileGroups.filter((name) => childrenOf(document, name).length > 1)) {
    report.note(group, 'conflict');
    report.lose(group, 'IDENTITY');
  }
  readPersonProfile(report, document);
  readGroups(report, document, groups);
}

/** Reads every segment of every group. */
export function readGroups(
  report: Report,
  document: XmlElement,
  list: readonly (readonly [string, string, SegmentReader])[],
): void {
  for (const [group, segment, read] of list) {
    for (const found of childrenOf(document, group)) {
      new Draft(report).read(found, passed(...list.filter(([name]) => name === group).map(([, tag]) => tag)));
      for (const element of childrenOf(found, segment)) read(report, element);
    }
  }
}
