import { packHistory } from '@causeway/records/repayment';
import { childOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { postpaidSectors, postpaidStates } from './codes.ts';
import { Draft, dropped, field, kept, passed, textOf } from './draft.ts';
import { readMarks } from './marks.ts';
import { coded, date, money, monthOf } from './readings.ts';
import type { Report } from './report.ts';

/** PE01, EE01: a telecom or utility account that is paid afterwards. */
export function readPostpaid(report: Report, element: XmlElement, p: 'PE01' | 'EE01'): void {
  const group = childOf(element, `${p}A`);
  const draft = new Draft(report)
    .read(group, [
      ...kept(`${p}AD01`),
      ...dropped(`${p}AQ01`),
      field(`${p}AD02`, 'sector', coded(postpaidSectors, 'other')),
      field(`${p}AR01`, 'opened', date),
      field(`${p}AD03`, 'status', coded(postpaidStates, 'unknown')),
      field(`${p}AJ01`, 'arrears', money),
      ...passed(`${p}AR02`, `${p}AQ02`),
    ])
    .otherwise('sector', 'other')
    .otherwise('status', 'unknown');
  const booked = date(textOf(group, `${p}AR02`) ?? '', draft).value;
  const history = readPayments(draft, textOf(group, `${p}AQ02`), booked, `${p}AQ02`);
  report.outline(element, [`${p}A`, `${p}Z`], 'POSTPAID');
  report.add(draft, element, {
    ...{ record: 'postpaid', category: 'POSTPAID', segment: p },
    ...(typeof booked === 'string' ? { as_of: booked } : {}),
    extra: { ...history, ...readMarks(report, element, `${p}Z`, 'POSTPAID') },
  });
}

/** One character for each month, the newest first; without the month of the first they stand nowhere. */
function readPayments(draft: Draft, months: string | undefined, booked: unknown, tag: string): object {
  if (months === undefined) {
    draft.absent['history'] = 'not_reported';
    return {};
  }
  const to = typeof booked === 'string' ? monthOf(booked) : undefined;
  try {
    if (to !== undefined) return { history: packHistory([...months].toReversed().join(''), to) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  draft.absent['history'] = 'unknown_at_source';
  draft.report.note(tag, 'unreadable');
  draft.keep(tag, months);
  return {};
}
