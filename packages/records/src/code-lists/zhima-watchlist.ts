import type { CodeEntry, CodeList } from './code-list.ts';

const openPlatform = {
  scheme: 'zhima',
  version: 'watchlistii',
  source: 'Alipay Open Platform: zhima.credit.watchlistii.get, industry watch list of Sesame Credit',
} as const;

export const zhimaSectors = {
  ...openPlatform,
  name: 'zhima-watchlist-sectors',
  field: 'watchlist.sector',
  entries: [
    { code: 'AA', canonical: 'credit', en: 'credit', zh: '金融信贷' },
    { code: 'AB', canonical: 'court', en: 'courts', zh: '公检法' },
    { code: 'AC', canonical: 'payment', en: 'payment', zh: '金融支付' },
    { code: 'AD', canonical: 'car_hire', en: 'car hire', zh: '汽车租赁' },
    { code: 'AE', canonical: 'hotel', en: 'hotels', zh: '酒店' },
    { code: 'AF', canonical: 'e_commerce', en: 'electronic commerce', zh: '电商' },
    { code: 'AG', canonical: 'housing', en: 'housing', zh: '租房' },
    { code: 'AH', canonical: 'telecom', en: 'telecommunication', zh: '电信' },
    { code: 'AI', canonical: 'insurance', en: 'insurance', zh: '保险' },
    { code: 'AJ', canonical: 'utilities', en: 'utilities', zh: '公用事业' },
  ],
} as const satisfies CodeList;

export const zhimaRiskTypes = {
  ...openPlatform,
  name: 'zhima-risk-types',
  field: 'watchlist.risk_type',
  note: 'As far as they are public.',
  entries: [
    { code: 'AA001', canonical: 'overdue', en: 'overdue', zh: '逾期未还款' },
    { code: 'AA002', canonical: 'cash_out', en: 'cash drawn by a feigned purchase', zh: '套现' },
    { code: 'AB001', canonical: 'dishonest_debtor', en: 'dishonest debtor', zh: '失信被执行人' },
  ],
} as const satisfies CodeList;

const periods: readonly CodeEntry[] = [1, 2, 3, 4, 5, 6].map((terms) => ({
  code: `AA00100${terms}`,
  canonical: `AA00100${terms}`,
  en: `${terms} periods overdue`,
  zh: `逾期${terms}期`,
}));

export const zhimaRiskCodes: CodeList = {
  ...openPlatform,
  name: 'zhima-risk-codes',
  field: 'watchlist.risk_code',
  note: 'A risk code is the source’s own in the model, too.',
  entries: [
    ...periods,
    { code: 'AA001007', canonical: 'AA001007', en: 'more than 6 periods overdue', zh: '逾期6期以上' },
    { code: 'AB001001', canonical: 'AB001001', en: 'dishonest debtor', zh: '失信被执行人' },
  ],
};

/** Upper ends in yuan, each in its band; the last band has none. */
const bandEnds = [
  500, 1000, 2000, 3000, 4000, 6000, 8000, 10_000, 15_000, 20_000, 25_000, 30_000, 40_000,
] as const;

const fen = (yuan: number): string => String(yuan * 100);

/** How much was overdue at the most (`event_max_amt_code`), told in bands only. */
export const zhimaAmountBands: CodeList = {
  ...openPlatform,
  name: 'zhima-amount-bands',
  field: 'watchlist.amount',
  entries: [0, ...bandEnds].map((above, at) => {
    const to = bandEnds[at];
    return {
      code: `M${String(at + 1).padStart(2, '0')}`,
      canonical: null,
      en: to === undefined ? `more than ${above} yuan` : `more than ${above}, up to ${to} yuan`,
      zh: to === undefined ? `${above}元以上` : `(${above}, ${to}]元`,
      band: { above: fen(above), to: to === undefined ? null : fen(to), currency: 'CNY' },
    };
  }),
};
