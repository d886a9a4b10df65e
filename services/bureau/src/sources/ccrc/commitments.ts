import { childOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { businessKinds, class5, facilityKinds, facilityStates, liabilityRoles, partyKinds } from './codes.ts';
import { Draft, field, kept, passed, textOf } from './draft.ts';
import type { TagRule } from './draft.ts';
import { readMarks } from './marks.ts';
import { amount, coded, count, currencyCode, date, reference } from './readings.ts';
import type { Report } from './report.ts';

/** The letters before the segment's number: a personal report's or an enterprise's. */
type ReportLetters = 'PD' | 'ED';

const facility = (p: string): TagRule[] => [
  field(`${p}AI01`, 'agreement_ref', reference),
  field(`${p}AI02`, 'lender_ref', reference),
  ...kept(`${p}AI03`, `${p}AI04`, `${p}AD01`),
  ...passed(`${p}AD03`),
  field(`${p}AD02`, 'kind', coded(facilityKinds)),
  field(`${p}AJ01`, 'limit', amount),
  field(`${p}AJ03`, 'sub_limit', amount),
  field(`${p}AJ04`, 'used', amount),
  field(`${p}AR01`, 'valid_from', date),
  field(`${p}AR02`, 'valid_to', date),
  field(`${p}AD04`, 'status', coded(facilityStates, 'unknown')),
];

const liability = (p: string): TagRule[] => [
  field(`${p}AQ02`, 'contract_ref', reference),
  field(`${p}AQ01`, 'lender_ref', reference),
  ...passed(`${p}AD04`, `${p}AR03`),
  field(`${p}AD08`, 'for_subject', coded(partyKinds)),
  field(`${p}AD02`, 'business_kind', coded(businessKinds, 'unknown')),
  field(`${p}AD03`, 'role', coded(liabilityRoles, 'other')),
  field(`${p}AR01`, 'opened', date),
  field(`${p}AR02`, 'due', date),
  field(`${p}AJ01`, 'responsibility', amount),
  field(`${p}AJ02`, 'balance', amount),
  field(`${p}AD05`, 'class5', coded(class5)),
  field(`${p}AS01`, 'overdue_months', count),
  ...kept(`${p}AD01`, `${p}AD06`, `${p}AD07`),
];

/** PD02, ED02: a credit agreement. */
export function readFacility(report: Report, element: XmlElement, letters: ReportLetters): void {
  const p = `${letters}02`;
  const draft = currencyDraft(report, element, p, `${p}AD03`);
  if (draft === undefined) return report.lose(p, 'ACCOUNT_DETAIL');
  draft.read(childOf(element, `${p}A`), facility(p)).otherwise('status', 'unknown');
  addCommitment(draft, element, p, {
    ...{ record: 'facility', category: 'ACCOUNT_DETAIL', key: draft.values['agreement_ref'] },
  });
}

/** PD03, ED03: somebody else's debt for which the subject answers. */
export function readLiability(report: Report, element: XmlElement, letters: ReportLetters): void {
  const p = `${letters}03`;
  const draft = currencyDraft(report, element, p, `${p}AD04`);
  if (draft === undefined) return report.lose(p, 'GUARANTEE');
  draft.read(childOf(element, `${p}A`), liability(p));
  const day = date(textOf(childOf(element, `${p}A`), `${p}AR03`) ?? '', draft).value;
  draft.otherwise('role', 'other');
  addCommitment(draft, element, p, {
    ...{ record: 'liability', category: 'GUARANTEE', key: draft.values['contract_ref'] },
    as_of: day,
  });
}

interface Commitment {
  readonly record: 'facility' | 'liability';
  readonly category: 'ACCOUNT_DETAIL' | 'GUARANTEE';
  readonly key: unknown;
  readonly as_of?: unknown;
}

function addCommitment(draft: Draft, element: XmlElement, p: string, found: Commitment): void {
  const { as_of, category, key, record } = found;
  draft.report.outline(element, [`${p}A`, `${p}Z`], category);
  draft.report.add(draft, element, {
    ...{ record, category, segment: p },
    ...(typeof key === 'string' ? { key } : {}),
    ...(typeof as_of === 'string' ? { as_of } : {}),
    extra: { currency: draft.currency, ...readMarks(draft.report, element, `${p}Z`, category) },
  });
}

/** Amounts without a known currency are no amounts: undefined. */
function currencyDraft(report: Report, element: XmlElement, p: string, tag: string): Draft | undefined {
  const draft = new Draft(report);
  const { value } = currencyCode(textOf(childOf(element, `${p}A`), tag) ?? '', draft);
  if (typeof value !== 'string') return undefined;
  draft.currency = value;
  draft.native['currency'] = value;
  return draft;
}
