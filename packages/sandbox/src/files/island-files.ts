import { createHash } from 'node:crypto';
import type { FileType } from '@causeway/sdk';
import { AS_OF, type Debt, HISTORY_TO } from './story-accounts.ts';

/** A file as one bureau's own system would write it, with the name of the mapping that reads it. */
export interface IslandFile {
  bureau: 'central' | 'lotus' | 'harbour';
  type: FileType;
  mapping: string;
  text: string;
}

const TYPE_CENTRAL = { term: 'D1', credit_card: 'R2', lease: 'L1' } as const;

/** The three bureaus' files, each in its own format: the registry's CSV, a TSV, and JSON Lines. */
export function islandFiles(debts: readonly Debt[]): IslandFile[] {
  const at = (bureau: IslandFile['bureau']): Debt[] => debts.filter((debt) => debt.bureaus.includes(bureau));
  return [
    { bureau: 'central', type: 'text/csv', mapping: 'central', text: centralCsv(at('central')) },
    { bureau: 'lotus', type: 'text/tab-separated-values', mapping: 'lotus', text: lotusTsv(at('lotus')) },
    {
      bureau: 'harbour',
      type: 'application/x-ndjson',
      mapping: 'harbour',
      text: harbourLines(at('harbour')),
    },
  ];
}

/** PBOC-like codes; amounts in yuan with two decimals; both kinds of subject in one file. */
function centralCsv(debts: readonly Debt[]): string {
  const head =
    'id_type,id_no,account_no,contract,kind,org,opened,due,amount,balance,month_due,overdue,terms_late,' +
    'state,hist_to,hist,as_of';
  const rows = debts.map((debt) =>
    [
      debt.subject.kind === 'person' ? '10' : '20',
      debt.subject.identifier.value,
      `CR${debt.contract}`,
      contractDigest(debt),
      TYPE_CENTRAL[debt.type],
      debt.lender,
      debt.opened,
      debt.due,
      yuan(debt.original),
      yuan(debt.balance),
      yuan(debt.monthlyDue),
      yuan(debt.overdue),
      debt.lateTerms,
      debt.lateTerms > 0 ? '2' : '1',
      HISTORY_TO,
      debt.history,
      AS_OF,
    ].join(','),
  );
  return `${[head, ...rows].join('\n')}\n`;
}

/** Its own words for types and states, amounts in yuan; and a balance of its own where it is a day behind. */
function lotusTsv(debts: readonly Debt[]): string {
  const head =
    'id_kind id loan_id contract type lender start end principal outstanding instalment late status';
  const rows = debts.map((debt) =>
    [
      debt.subject.kind,
      debt.subject.identifier.value,
      `LT-${debt.contract}`,
      contractDigest(debt),
      debt.type === 'credit_card' ? 'card' : debt.type === 'lease' ? 'lease' : 'loan',
      debt.lender,
      debt.opened.replaceAll('-', '/'),
      debt.due.replaceAll('-', '/'),
      yuan(debt.original),
      yuan(debt.bureaus.length > 1 ? debt.balance + 50_000 : debt.balance),
      yuan(debt.monthlyDue),
      yuan(debt.overdue),
      debt.lateTerms > 0 ? 'late' : 'ok',
    ].join('\t'),
  );
  return `${[head.replaceAll(' ', '\t'), ...rows].join('\n')}\n`;
}

/** Regular payments seen from the paying account, with a rounding of a few fen of their own. */
function harbourLines(debts: readonly Debt[]): string {
  const lines = debts.map((debt, i) =>
    JSON.stringify({
      holder_kind: debt.subject.kind,
      holder_no: debt.subject.identifier.value,
      order: `HB${debt.contract}`,
      category: debt.type === 'lease' ? 'LEASE' : 'LOAN',
      amount: yuan(debt.monthlyDue + ((i % 3) - 1) * 3),
      since: debt.opened,
    }),
  );
  return `${lines.join('\n')}\n`;
}

const yuan = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

/** What two bureaus can compare without learning more: the digest of lender and contract number. */
const contractDigest = (debt: Debt): string =>
  `sha-256:${createHash('sha256').update(`${debt.lender}:${debt.contract}`).digest('base64url')}`;
