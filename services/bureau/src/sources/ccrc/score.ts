import { childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { Draft, field, passed } from './draft.ts';
import { countOf, percent } from './readings.ts';
import type { Report } from './report.ts';

/** The range of the numeric reading; a higher one is the safer one. */
const [lowest, highest] = [0, 1000];
const reasonsMax = 32;

const unscorable: Readonly<Record<string, string>> = {
  ...{ not_applicable: 'not_scored', unknown_at_source: 'unknown', not_reported: 'not_reported' },
};

/** PC01: the numeric reading, its relative position, and what explains it. */
export function readScore(report: Report, element: XmlElement): void {
  const draft = new Draft(report).read(element, [
    field('PC010Q01', 'value', countOf(lowest, highest)),
    field('PC010Q02', 'percentile_ppm', percent),
    ...passed('PC010S01', 'PC010D01'),
  ]);
  const codes = childrenOf(element, 'PC010D01').map(({ text }) => text.trim());
  const plain = codes.filter((code) => /^[!-~]{1,64}$/u.test(code));
  if (plain.length < codes.length || plain.length > reasonsMax) report.note('PC010D01', 'dropped');
  const reasons = plain.slice(0, reasonsMax).map((code, at) => ({ rank: at + 1, code }));
  const why =
    draft.values['value'] === undefined ? (unscorable[draft.absent['value'] ?? ''] ?? 'unknown') : '';
  report.add(draft, element, {
    ...{ record: 'score', category: 'SCORE', segment: 'PC01', key: 'reading' },
    extra: {
      ...{ model: 'pboc-numeric-reading', min: lowest, max: highest, direction: 'higher_safer' },
      ...(why === '' ? {} : { unscorable_reason: why }),
      ...(reasons.length === 0 ? {} : { reasons }),
    },
  });
}
