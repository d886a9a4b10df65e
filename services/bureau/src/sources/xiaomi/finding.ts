import type { CreditRecord } from '@causeway/records';

import type { Finding, FindingNote, NativeSubject } from '../source.ts';
import { unreadable, type NativeData } from './answer.ts';
import { calendarDay, readLoan, recordsOfLoan } from './loan-records.ts';
import { scoreRecord } from './score-record.ts';
import type { XiaomiSettings } from './settings.ts';

/**
 * An answer in the canonical model. Devices have no category there: they are dropped, and the note says so.
 * @throws SourceFault where the answer is about somebody else, lists a loan twice, or cannot be read
 */
export function findingOf(
  data: NativeData,
  { handle }: Pick<NativeSubject, 'handle'>,
  reqNo: string,
  settings: Pick<XiaomiSettings, 'lender_ref' | 'score_range'>,
): Finding {
  if (handle !== undefined && data.uid !== handle) throw unreadable('the answer is about somebody else');
  if (new Set(data.loans.map(({ loanNo }) => loanNo)).size !== data.loans.length) {
    throw unreadable('a loan stands twice');
  }
  const notes: FindingNote[] = data.devices === undefined ? [] : [{ field: 'devices', what: 'dropped' }];
  const asOf = dayOf(data.scoreDate);
  const score = scoreRecord(data, reqNo, asOf, settings.score_range, notes);
  const source = { origin: reqNo, asOf, lenderRef: settings.lender_ref };
  const loans = data.loans.flatMap((loan) => recordsOfLoan(readLoan(loan, notes), source, notes));
  const records: CreditRecord[] = score === undefined ? loans : [score, ...loans];
  return { known: true, records, notes };
}

/** `20190630` as a day. @throws SourceFault for one that does not exist */
function dayOf(text: string): string {
  try {
    return calendarDay(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`);
  } catch {
    throw unreadable('scoreDate is no day');
  }
}
