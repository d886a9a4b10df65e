import { Sequence } from '@causeway/sandbox/people/sequence';
import type { SandboxSubject } from '@causeway/sandbox/people/persons';

/** Accounts of each person at each bureau: with their histories a disclosure of about 7 kB. */
export const ACCOUNTS = 10;
const MONTHS = 36;
const AS_OF = '2026-10-31';
const HISTORY_TO = '2026-10';
const COLUMNS = 'id account lender opened due amount balance monthly months history_to history'.split(' ');

/** A file of one bureau in its own words; no two bureaus report the same debt. */
export function accountsFile(bureau: string, people: readonly SandboxSubject[]): string {
  const sequence = new Sequence(
    [...bureau].reduce((seed, char) => seed * 31 + (char.codePointAt(0) ?? 0), 7),
  );
  const lines = people.flatMap(({ identifier }, p) =>
    Array.from({ length: ACCOUNTS }, (_, a) => line(sequence, `${bureau}-${p}-${a}`, identifier.value)),
  );
  return `${[COLUMNS.join(','), ...lines].join('\n')}\n`;
}

function line(sequence: Sequence, account: string, id: string): string {
  const amount = sequence.between(2_000, 900_000);
  const balance = sequence.between(0, amount);
  const opened = `20${sequence.between(15, 22)}-0${sequence.between(1, 9)}-1${sequence.between(0, 9)}`;
  const due = `20${sequence.between(27, 45)}-0${sequence.between(1, 9)}-2${sequence.between(0, 8)}`;
  const history = Array.from({ length: MONTHS }, () => (sequence.between(0, 19) === 0 ? '1' : 'N')).join('');
  const money = [amount, balance, Math.ceil(amount / 60)].map(
    (yuan) => `${yuan}.${sequence.between(10, 99)}`,
  );
  return [
    id,
    account,
    `lender-${sequence.between(1, 40)}`,
    opened,
    due,
    ...money,
    '60',
    HISTORY_TO,
    history,
  ].join(',');
}

/** How a bureau reads that file. */
export function accountsMapping(bureau: string): string {
  const text = (column: string) => ({ column, as: 'text' });
  const date = (column: string) => ({ column, as: 'date' });
  const decimal = (column: string) => ({ column, as: 'decimal', currency: 'CNY' });
  const fields = {
    category: { const: 'ACCOUNT_DETAIL' },
    source_record_id: text('account'),
    account_ref: text('account'),
    type: { const: 'term' },
    lender_ref: text('lender'),
    currency: { const: 'CNY' },
    opened: date('opened'),
    due: date('due'),
    original: decimal('amount'),
    balance: decimal('balance'),
    scheduled_due: decimal('monthly'),
    term_count: { column: 'months', as: 'integer' },
    repayment_frequency: { const: 'month' },
    status: { const: 'normal' },
    history: { column: 'history', as: 'history', to: { column: 'history_to' } },
  };
  return JSON.stringify({
    ...{ v: 1, name: `bench-${bureau}`, bureau, format: 'csv', encoding: 'utf-8', header: true },
    subject: { scheme: 'gb11643', id: { column: 'id' } },
    records: [{ record: 'account', fields }],
    as_of: { const: AS_OF },
  });
}
