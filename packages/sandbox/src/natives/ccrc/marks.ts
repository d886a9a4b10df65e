import type { CreditRecord, RecordOf } from '@causeway/records';

import { aboutCategories, marks as markCodes } from './codes.ts';
import { group, tag } from './tags.ts';

type Mark = NonNullable<CreditRecord['marks']>[number];

/** The annotations of one entry. */
export function writeMarks(p: string, marks: readonly Mark[] | undefined): string {
  if (marks === undefined) return '';
  const entries = marks.map((mark) => group(`${p}H`, written(p, mark, 'D01')));
  return group(p, tag(`${p}S01`, String(marks.length)) + entries.join(''));
}

/** An annotation of the report as a whole. */
export function writeAnnotation(p: 'PG01' | 'EI01', annotation: RecordOf<'annotation'>): string {
  const about = tag(`${p}0D01`, aboutCategories[annotation.category] ?? '1');
  return group(p, about + tag(`${p}0S01`, '1') + group(`${p}0H`, written(`${p}0`, annotation, 'D03')));
}

function written(p: string, { added_on, ends_on, kind, text }: Mark, kindTag: string): string {
  return (
    tag(`${p}${kindTag}`, markCodes[kind] ?? '') +
    (text === undefined ? '' : tag(`${p}Q01`, text)) +
    tag(`${p}R01`, added_on) +
    (ends_on === undefined ? '' : tag(`${p}R02`, ends_on))
  );
}
