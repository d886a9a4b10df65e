import type { SandboxSubject } from '../people/persons.ts';
import { Sequence } from '../people/sequence.ts';

/**
 * One debt of a synthetic subject, before any bureau has written it its own way. Amounts are fen (CNY minor
 * units).
 */
export interface Debt {
  subject: SandboxSubject;
  contract: string;
  type: 'term' | 'credit_card' | 'lease';
  lender: string;
  opened: string;
  due: string;
  original: number;
  balance: number;
  monthlyDue: number;
  overdue: number;
  lateTerms: number;
  /** PBOC month codes, newest last. */
  history: string;
  /** Which bureaus report it; the payments bureau sees instalments from the paying account. */
  bureaus: ('central' | 'lotus' | 'harbour')[];
}

export const AS_OF = '2026-10-31';
export const HISTORY_TO = '2026-10';
const SEED = 990_000;
const LENDERS = ['icb', 'rural-2', 'consumer-fin', 'auto-fin', 'city-bank'] as const;

/** Debts of every subject, the story's characters first; the same ones every time. */
export function debtsOf(subjects: readonly SandboxSubject[]): Debt[] {
  const sequence = new Sequence(SEED);
  return subjects.flatMap((subject, i) => storyDebts(subject, i) ?? randomDebts(subject, i, sequence));
}

/** What the story needs its characters to owe; undefined for the crowd. */
function storyDebts(subject: SandboxSubject, i: number): Debt[] | undefined {
  const base = (contract: string, changes: Partial<Debt> = {}): Debt => ({
    ...plainLoan(subject, `S${i}-${contract}`),
    ...changes,
  });
  switch (subject.id) {
    case 'zhao-nohit':
      return [];
    case 'li-na':
      return [
        base('1', { bureaus: ['central', 'harbour'] }),
        base('2', {
          type: 'credit_card',
          lender: 'city-bank',
          original: 5_000_000,
          balance: 123_456,
          bureaus: ['lotus'],
        }),
        base('3', {
          type: 'lease',
          lender: 'auto-fin',
          monthlyDue: 180_000,
          balance: 3_900_000,
          bureaus: ['central', 'harbour'],
        }),
      ];
    case 'wang-thin':
      return [base('1', { bureaus: ['lotus'], history: 'NNN' })];
    case 'wu-conflict':
      return [base('1', { bureaus: ['central', 'lotus'], balance: 4_200_000 })];
    case 'zhou-late':
      return [
        base('1', {
          bureaus: ['central'],
          overdue: 660_000,
          lateTerms: 3,
          history: 'NNNNNNNNNNNNNNNNNNNNN123',
        }),
      ];
    case 'big-file':
      return Array.from({ length: 40 }, (_, n) =>
        base(String(n + 1), {
          monthlyDue: 10_000 + n * 700,
          original: 1_000_000 + n * 50_000,
          opened: `20${20 + (n % 5)}-0${1 + (n % 9)}-15`,
          bureaus: [n % 2 ? 'central' : 'lotus'],
        }),
      );
    case 'pingshan-trading':
      return [
        base('1', {
          original: 300_000_000,
          balance: 180_000_000,
          monthlyDue: 9_000_000,
          bureaus: ['central'],
        }),
      ];
    case 'nanhu-machinery':
      return [base('1', { type: 'lease', monthlyDue: 2_500_000, bureaus: ['central', 'harbour'] })];
    default:
      return undefined;
  }
}

function plainLoan(subject: SandboxSubject, contract: string): Debt {
  return {
    subject,
    contract,
    type: 'term',
    lender: 'icb',
    opened: '2024-03-15',
    due: '2027-03-15',
    original: 7_200_000,
    balance: 1_000_000,
    monthlyDue: 220_000,
    overdue: 0,
    lateTerms: 0,
    history: 'N'.repeat(24),
    bureaus: ['central'],
  };
}

function randomDebts(subject: SandboxSubject, i: number, sequence: Sequence): Debt[] {
  return Array.from({ length: sequence.between(1, 4) }, (_, n) =>
    randomDebt(subject, `C${i}-${n}`, n, sequence),
  );
}

function randomDebt(subject: SandboxSubject, contract: string, n: number, sequence: Sequence): Debt {
  const late = sequence.chance(0.03) ? sequence.between(1, 3) : 0;
  const monthlyDue = sequence.between(300, 9_000) * 100 + n;
  const original = monthlyDue * sequence.between(12, 48);
  const type = sequence.pick(['term', 'term', 'credit_card', 'lease'] as const);
  const opened = `20${sequence.between(21, 25)}-0${sequence.between(1, 9)}-${sequence.between(10, 28)}`;
  return {
    subject,
    contract,
    type,
    lender: sequence.pick(LENDERS),
    opened,
    due: opened.replace(/^20(\d\d)/, (_, year: string) => `20${Number(year) + 4}`),
    original,
    balance: Math.floor(original * sequence.next()),
    monthlyDue,
    overdue: late * monthlyDue,
    lateTerms: late,
    history: 'N'.repeat(24 - late) + '123'.slice(0, late),
    bureaus: bureausOf(type, sequence),
  };
}

/**
 * Loans and leases are at the registry or a private bureau, cards at either; every other instalment is seen
 * paid.
 */
function bureausOf(type: Debt['type'], sequence: Sequence): Debt['bureaus'] {
  const reporter = sequence.pick(['central', 'central', 'lotus'] as const);
  return type !== 'credit_card' && sequence.chance(0.5) ? [reporter, 'harbour'] : [reporter];
}
