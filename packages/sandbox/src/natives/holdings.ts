import type { AccountRecord, CreditRecord, RecordOf } from '@causeway/records';
import { type SandboxSubject, sandboxSubjects } from '../people/persons.ts';
import { Sequence } from '../people/sequence.ts';
import type { Holding } from './native-system.ts';

/** The kinds of native system that the sandbox plays. */
export const nativeKinds = ['ccrc', 'zhima', 'tencent', 'xiaomi'] as const;

export type NativeKind = (typeof nativeKinds)[number];

const AS_OF = '2026-10-31';
const LENDERS = ['icb', 'rural-2', 'city-bank'] as const;

/** What each kind of native system knows about a subject: everybody is at one of them, some at all. */
const holds: Readonly<Record<NativeKind, (subject: SandboxSubject, draw: Draw) => CreditRecord[]>> = {
  ccrc: (subject, draw) => (subject.kind === 'person' ? personAtRegistry(draw) : firmAtRegistry(draw)),
  zhima: (subject, draw) => (subject.kind === 'person' ? [scoreOf(draw, 'zhima-score', 350, 950)] : []),
  tencent: (subject, draw) => (subject.kind === 'person' ? [scoreOf(draw, 'tencent-credit', 300, 850)] : []),
  xiaomi: (subject, draw) => (subject.kind === 'person' ? atXiaomi(draw) : []),
};

/** Out of a hundred subjects, how many each of them knows; the story's people are known to all. */
const coverage: Readonly<Record<NativeKind, number>> = { ccrc: 60, zhima: 55, tencent: 50, xiaomi: 35 };

const SEEDS: Readonly<Record<NativeKind, number>> = { ccrc: 11, zhima: 12, tencent: 13, xiaomi: 14 };
const KNOWN_TO_ALL = new Set(['li-na', 'zhou-late', 'pingshan-trading', 'nanhu-machinery']);
const KNOWN_TO_NONE = new Set(['zhao-nohit']);

/** One subject's draw: its serial number and the random choices about it. */
interface Draw {
  readonly id: string;
  readonly late: boolean;
  readonly from: Sequence;
}

/** What the native system of a kind holds, the same every time. */
export function holdingsAt(kind: NativeKind): Holding[] {
  const from = new Sequence(SEEDS[kind]);
  return sandboxSubjects().flatMap((subject, at) => {
    const known = KNOWN_TO_ALL.has(subject.id) || from.chance(coverage[kind] / 100);
    const records = holds[kind](subject, { id: String(at), late: subject.id === 'zhou-late', from });
    if (!known || KNOWN_TO_NONE.has(subject.id) || records.length === 0) return [];
    return [{ subject, records }];
  });
}

const envelope = (kind: string, id: string) => ({
  record_id: `${kind}-${id}`,
  source_record_id: id,
  as_of: AS_OF,
});

function personAtRegistry(draw: Draw): CreditRecord[] {
  return [account(draw, 'credit_card', '1'), account(draw, 'term', '2'), guarantee(draw), housingFund(draw)];
}

function firmAtRegistry(draw: Draw): CreditRecord[] {
  return [
    {
      ...envelope('profile', draw.id),
      ...{ record: 'profile', category: 'IDENTITY', kind: 'enterprise', founded: '2012-05-08' },
      registered_capital: { amount_minor: '1000000000', currency: 'CNY' },
    },
    account(draw, 'term', '1'),
    guarantee(draw),
    ...owners(draw),
    balanceSheet(draw),
  ];
}

function account({ from, id, late }: Draw, type: 'term' | 'credit_card', n: string): AccountRecord {
  const original = from.between(10, 900) * 100_000;
  const states = `${'N'.repeat(21)}${late ? '123' : 'NNN'}`;
  return {
    ...envelope('account', `R${id}-${n}`),
    ...{ record: 'account', category: 'ACCOUNT_DETAIL', account_ref: `R${id}-${n}`, type, currency: 'CNY' },
    status: late ? 'overdue' : 'normal',
    lender_ref: from.pick(LENDERS),
    opened: `20${from.between(18, 25)}-0${from.between(1, 9)}-15`,
    ...(type === 'term' ? { original: String(original), due: '2029-03-15' } : { limit: String(original) }),
    balance: String(Math.floor(original * from.next() * 0.01) * 100),
    overdue_total: late ? '660000' : '0',
    history: { to: '2026-10', states },
  };
}

function guarantee({ from, id }: Draw): RecordOf<'liability'> {
  return {
    ...envelope('liability', `G${id}`),
    ...{ record: 'liability', category: 'GUARANTEE', role: 'guarantor', contract_ref: `G${id}` },
    ...{
      for_subject: 'enterprise',
      currency: 'CNY',
      responsibility: String(from.between(1, 90) * 1_000_000),
    },
  };
}

function housingFund({ id }: Draw): RecordOf<'public_record'> {
  const kind = { record: 'public_record', category: 'PUBLIC_RECORD', kind: 'housing_fund' } as const;
  return { ...envelope('public_record', `F${id}`), ...kind, authority: '坪山住房公积金管理中心' };
}

function owners({ id, from }: Draw): RecordOf<'relation'>[] {
  const share = from.between(51, 90) * 10_000;
  return [share, 1_000_000 - share].map((ratio, at) => ({
    ...envelope('relation', `O${id}-${at + 1}`),
    ...{ record: 'relation', category: 'OWNERSHIP', kind: 'shareholder', party_ref: `P${id}-${at + 1}` },
    ...{ party_kind: at === 0 ? 'person' : 'enterprise', ratio_ppm: ratio },
  }));
}

function balanceSheet({ id, from }: Draw): RecordOf<'statement'> {
  const assets = from.between(500, 9000) * 1_000_000;
  const owed = Math.floor(assets * 0.6);
  return {
    ...envelope('statement', `S${id}-2025`),
    ...{ record: 'statement', category: 'FINANCIALS', kind: 'balance_sheet', period: '2025', span: 'year' },
    ...{ standard: 'cas-2006', currency: 'CNY' },
    items: {
      total_assets: String(assets),
      total_liabilities: String(owed),
      total_equity: String(assets - owed),
    },
  };
}

function scoreOf({ id, from, late }: Draw, model: string, min: number, max: number): RecordOf<'score'> {
  const value = late ? min + from.between(40, 120) : max - from.between(40, 300);
  return {
    ...envelope('score', id),
    ...{ record: 'score', category: 'SCORE', model, value, min, max, direction: 'higher_safer' },
  };
}

function atXiaomi(draw: Draw): CreditRecord[] {
  return [scoreOf(draw, 'xiaomi-mix', 300, 850), account(draw, 'term', 'X')];
}
