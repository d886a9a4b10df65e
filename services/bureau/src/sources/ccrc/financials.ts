import { childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { Draft, field, passed, textOf } from './draft.ts';
import { coded, currencyCode, date, slug, wholeMinor } from './readings.ts';
import type { Report } from './report.ts';

const statementKinds = { 1: 'balance_sheet', 2: 'income', 3: 'cash_flow' } as const;
const spans = { 10: 'year', 20: 'half_year', 30: 'quarter', 40: 'month' } as const;
const itemExpression = /^[A-Za-z][A-Za-z0-9_]{0,47}$/u;
const itemsMax = 200;

/** EG01: one statement. An item without a readable amount is left out and noted; it is not zero. */
export function readStatement(report: Report, element: XmlElement): void {
  const draft = new Draft(report).read(element, [
    field('EG010D01', 'kind', coded(statementKinds)),
    field('EG010R01', 'period', date),
    field('EG010D02', 'span', coded(spans)),
    field('EG010D03', 'standard', slug),
    field('EG010D04', 'audited', (code) => auditedBy[code] ?? {}),
    field('EG010D05', 'currency', currencyCode),
    ...passed('EG010S01', 'EG010H'),
  ]);
  const { currency } = draft.values;
  const items = typeof currency === 'string' ? readItems(report, element, currency) : {};
  report.add(draft, element, {
    ...{ record: 'statement', category: 'FINANCIALS', segment: 'EG01' },
    extra: { items },
  });
}

const auditedBy: Readonly<Record<string, { value: boolean; code: string }>> = {
  0: { value: false, code: '0' },
  1: { value: true, code: '1' },
};

function readItems(report: Report, element: XmlElement, currency: string): Record<string, string> {
  const items: Record<string, string> = {};
  const entries = childrenOf(element, 'EG010H');
  if (entries.length > itemsMax) report.lose('EG01', 'FINANCIALS');
  for (const entry of entries.slice(0, itemsMax)) {
    const name = textOf(entry, 'EG010I02') ?? '';
    const minor = wholeMinor(textOf(entry, 'EG010J01') ?? '', currency, true);
    const known = Object.hasOwn(items, name.toLowerCase()) ? items[name.toLowerCase()] : undefined;
    if (known !== undefined && known !== minor) report.note('EG010I02', 'conflict');
    else if (minor !== undefined && itemExpression.test(name)) items[name.toLowerCase()] = minor;
    else report.note('EG010J01', 'unreadable');
  }
  return items;
}

const outlooks = { 1: 'positive', 2: 'stable', 3: 'negative' } as const;

/** EH01: what a rating agency says. */
export function readRating(report: Report, element: XmlElement): void {
  const draft = new Draft(report).read(element, [
    field('EH010I01', 'agency', slug),
    field('EH010Q01', 'grade', (text) => (/^[!-~]{1,16}$/u.test(text) ? { value: text } : {})),
    field('EH010D01', 'outlook', coded(outlooks, 'unknown')),
    field('EH010R01', 'rated_on', date),
  ]);
  report.add(draft, element, { record: 'rating', category: 'FINANCIALS', segment: 'EH01' });
}
