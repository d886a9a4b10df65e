import { childOf, childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import type { AccountSegment } from './account.ts';
import { specialTransactions } from './codes.ts';
import { Draft, dropped, field, kept, passed } from './draft.ts';
import type { TagRule } from './draft.ts';
import { coded, countOf, date, money, text } from './readings.ts';
import type { Report } from './report.ts';

/** F: special transactions; G: special events; H: large instalments. */
const rules: Readonly<Record<'F' | 'G' | 'H', (p: AccountSegment) => TagRule[]>> = {
  F: (p) => [
    field(`${p}FD01`, 'kind', coded(specialTransactions, 'other')),
    field(`${p}FR01`, 'on', date),
    field(`${p}FS02`, 'term_change_months', countOf(-600, 600)),
    field(`${p}FJ01`, 'amount', money),
    field(`${p}FQ01`, 'text', text),
  ],
  G: (p) => [
    field(`${p}GD01`, 'kind', (code) => ({ value: 'special_event', ...codeOf(code) })),
    field(`${p}GR01`, 'on', date),
    ...dropped(`${p}GQ01`),
  ],
  H: (p) => [
    field(`${p}HJ01`, 'amount', money),
    field(`${p}HR01`, 'on', date),
    ...kept(`${p}HR02`, `${p}HJ02`),
  ],
};

const fixedKinds = { F: 'other', G: 'special_event', H: 'large_instalment' } as const;

/** What happened to an account beside its months, each a record of its own. */
export function readAccountEvents(
  report: Report,
  account: XmlElement,
  p: AccountSegment,
  account_ref: string,
  currency: string,
): void {
  for (const letter of ['F', 'G', 'H'] as const) {
    const group = childOf(account, `${p}${letter}`);
    new Draft(report).read(group, passed(`${p}${letter}S01`, `${p}${letter}H`));
    for (const entry of childrenOf(group, `${p}${letter}H`)) {
      const draft = new Draft(report);
      draft.currency = currency;
      draft.read(entry, rules[letter](p)).otherwise('kind', fixedKinds[letter]);
      const shape = {
        record: 'account_event',
        category: 'ACCOUNT_DETAIL',
        segment: `${p}${letter}`,
      } as const;
      report.add(draft, entry, { ...shape, key: keyOf(report, account_ref, entry), extra: { account_ref } });
    }
  }
}

/** Two accounts may have the same event on the same day. */
const keyOf = (report: Report, account: string, entry: XmlElement): string =>
  report.pseudonyms.of(`${account} ${JSON.stringify(entry)}`);

const codeOf = (code: string): { code?: string } => (/^[!-~]{1,64}$/u.test(code) ? { code } : {});
