import { childOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { Draft, dropped, field, kept } from './draft.ts';
import type { TagRule } from './draft.ts';
import { readMarks } from './marks.ts';
import { amount, date, text } from './readings.ts';
import type { Report } from './report.ts';

interface PublicSegment {
  readonly kind: string;
  readonly rules: (p: string) => TagRule[];
}

const authority = (p: string): TagRule => field(`${p}AQ01`, 'authority', text);

/** A person's income, employer and home are not public records: they stop here. */
const segments: Readonly<Record<string, PublicSegment>> = {
  PF01: {
    kind: 'tax_arrears',
    rules: (p) => [
      authority(p),
      field(`${p}AJ01`, 'amount_claimed', amount),
      field(`${p}AR01`, 'filed_on', date),
    ],
  },
  PF02: { kind: 'judgment', rules: judgment },
  PF03: { kind: 'enforcement', rules: enforcement },
  PF04: { kind: 'penalty', rules: penalty },
  PF05: {
    kind: 'housing_fund',
    rules: (p) => [
      ...dropped(`${p}AQ01`, `${p}AQ02`, `${p}AQ03`, `${p}AQ04`, `${p}AJ01`),
      field(`${p}AR01`, 'filed_on', date),
      field(`${p}AR03`, 'ended_on', date),
      ...kept(`${p}AR02`, `${p}AD01`, `${p}AR04`),
    ],
  },
  PF06: {
    kind: 'social_aid',
    rules: (p) => [
      ...dropped(`${p}AQ01`, `${p}AQ02`, `${p}AQ03`),
      field(`${p}AR01`, 'filed_on', date),
      field(`${p}AR02`, 'decided_on', date),
      ...kept(`${p}AD01`, `${p}AR03`),
    ],
  },
  PF07: { kind: 'licence', rules: licence },
  PF08: { kind: 'award', rules: award },
  EF01: {
    kind: 'tax_arrears',
    rules: (p) => [
      authority(p),
      field(`${p}AJ01`, 'amount_claimed', amount),
      field(`${p}AR01`, 'filed_on', date),
    ],
  },
  EF02: { kind: 'judgment', rules: judgment },
  EF03: { kind: 'penalty', rules: penalty },
  EF04: {
    kind: 'housing_fund',
    rules: (p) => [
      ...dropped(`${p}AQ01`, `${p}AJ01`),
      field(`${p}AR01`, 'filed_on', date),
      field(`${p}AR03`, 'ended_on', date),
      ...kept(`${p}AD01`),
    ],
  },
  EF05: { kind: 'licence', rules: licence },
  EF06: { kind: 'customs_inspection', rules: award },
  EF07: {
    kind: 'financing_limit',
    rules: (p) => [
      authority(p),
      field(`${p}AJ01`, 'amount_claimed', amount),
      field(`${p}AJ02`, 'amount_paid', amount),
      field(`${p}AR01`, 'decided_on', date),
      field(`${p}AR02`, 'ended_on', date),
    ],
  },
  EF08: { kind: 'enforcement', rules: enforcement },
  EF09: { kind: 'award', rules: award },
};

/** PF01 to PF08 of a person, EF01 to EF09 of an enterprise: what an authority has made public. */
export function readPublicRecord(report: Report, element: XmlElement): void {
  const { name: p } = element;
  const segment = segments[p];
  if (segment === undefined) return report.lose(p, 'PUBLIC_RECORD');
  const draft = new Draft(report).read(childOf(element, `${p}A`), segment.rules(p));
  report.outline(element, [`${p}A`, `${p}Z`], 'PUBLIC_RECORD');
  const { amount_claimed, amount_paid } = draft.values;
  const priced = amount_claimed !== undefined || amount_paid !== undefined;
  const marks = readMarks(report, element, `${p}Z`, 'PUBLIC_RECORD');
  report.add(draft, element, {
    ...{ record: 'public_record', category: 'PUBLIC_RECORD', segment: p },
    extra: { kind: segment.kind, ...(priced ? { currency: draft.currency } : {}), ...marks },
  });
}

function judgment(p: string): TagRule[] {
  return [
    authority(p),
    field(`${p}AQ05`, 'case_no', text),
    field(`${p}AR01`, 'filed_on', date),
    field(`${p}AR02`, 'decided_on', date),
    field(`${p}AQ03`, 'result', text),
    field(`${p}AJ01`, 'amount_claimed', amount),
    ...kept(`${p}AD01`),
    ...dropped(`${p}AQ02`, `${p}AQ04`),
  ];
}

function enforcement(p: string): TagRule[] {
  return [
    authority(p),
    field(`${p}AQ06`, 'case_no', text),
    field(`${p}AR01`, 'filed_on', date),
    field(`${p}AR02`, 'ended_on', date),
    field(`${p}AQ03`, 'result', text),
    field(`${p}AJ01`, 'amount_claimed', amount),
    field(`${p}AJ02`, 'amount_paid', amount),
    ...kept(`${p}AD01`),
    ...dropped(`${p}AQ02`, `${p}AQ04`, `${p}AQ05`),
  ];
}

function penalty(p: string): TagRule[] {
  return [
    authority(p),
    field(`${p}AQ04`, 'case_no', text),
    field(`${p}AQ02`, 'result', text),
    field(`${p}AJ01`, 'amount_claimed', amount),
    field(`${p}AR01`, 'decided_on', date),
    field(`${p}AR02`, 'ended_on', date),
    ...dropped(`${p}AQ03`),
  ];
}

function licence(p: string): TagRule[] {
  return [
    field(`${p}AQ01`, 'result', text),
    field(`${p}AQ02`, 'authority', text),
    field(`${p}AQ03`, 'case_no', text),
    field(`${p}AR01`, 'decided_on', date),
    field(`${p}AR02`, 'ended_on', date),
    ...kept(`${p}AD01`, `${p}AR03`),
    ...dropped(`${p}AD02`),
  ];
}

function award(p: string): TagRule[] {
  return [
    authority(p),
    field(`${p}AQ02`, 'result', text),
    field(`${p}AR01`, 'decided_on', date),
    field(`${p}AR02`, 'ended_on', date),
  ];
}
