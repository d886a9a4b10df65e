import { dateOf, dayNumber } from '@causeway/kernel';
import { embargoesOf } from '@causeway/policy';
import type { PolicySet } from '@causeway/policy';
import { purposes } from '@causeway/records';
import type { CreditRecord, Purpose } from '@causeway/records';

import type { SourceAnswer, SourceRecord } from '../sources/source.ts';

const zone = 'Asia/Shanghai';

/**
 * A source's answer without the earlier inquiries that policy keeps from their subject at this moment: what
 * is not in the person's history yet stands in no report on them either, their own or a lender's, which is
 * read to them. It comes on the day after its last one there. Courts and supervisors see all of it. Only a
 * record whose text names such a purpose is parsed.
 */
export function withoutLateInquiries(
  found: SourceAnswer,
  policy: PolicySet,
  { nowMs, purpose }: { readonly nowMs: number; readonly purpose: Purpose },
): SourceAnswer {
  if (purposes[purpose].kind === 'official') return found;
  const embargoes = new Map<string, number>(
    embargoesOf(policy).map(({ days, purpose: of }) => [of, days] as const),
  );
  const today = dayNumber(dateOf(nowMs, zone));
  const isLate = ({ text }: SourceRecord): boolean => {
    if (![...embargoes.keys()].some((of) => text.includes(`"${of}"`))) return false;
    const record = JSON.parse(text) as CreditRecord;
    if (record.record !== 'inquiry') return false;
    const days = embargoes.get(record.purpose);
    return days !== undefined && today - dayNumber(record.on) <= days;
  };
  const records = found.records.filter((record) => !isLate(record));
  return records.length === found.records.length ? found : { ...found, records };
}
