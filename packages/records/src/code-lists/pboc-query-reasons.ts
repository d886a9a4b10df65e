import { purposes } from '../purposes.ts';
import type { CodeEntry, CodeList } from './code-list.ts';
import { pbocReport } from './pboc-report.ts';

/** The reasons of a query: the purposes that have a code there, so that a code stands in one place. */
export const pbocQueryReasons: CodeList = {
  ...pbocReport,
  name: 'pboc-query-reasons',
  field: 'inquiry.purpose',
  entries: Object.entries(purposes)
    .flatMap(([canonical, purpose]): CodeEntry[] =>
      'pboc' in purpose ? [{ code: purpose.pboc, canonical, en: purpose.en, zh: purpose.zh }] : [],
    )
    .toSorted((a, b) => Number(a.code) - Number(b.code)),
};
