import { hash } from 'node:crypto';
import { gb11643CheckDigit, gb11714CheckDigit, gb32100CheckDigit } from '@causeway/records/identifiers';
import { Sequence } from '@causeway/sandbox/people/sequence';

/** Subjects of a file, by their numbers: from the first one to the one before the last. */
export interface Subjects {
  readonly from: number;
  readonly to: number;
}

/** A thousandth of the nation: its persons and enterprises, and the accounts that they have. */
export const NATION = { persons: 1_160_000, enterprises: 127_000, accounts: 5_000_000 };

const PARTS = 1000;
/** Of a thousand subjects so many are enterprises, and so many have four accounts where others have three. */
const ENTERPRISES = Math.round((PARTS * NATION.enterprises) / (NATION.persons + NATION.enterprises));
const FOURS = Math.round(PARTS * (NATION.accounts / (NATION.persons + NATION.enterprises) - 3));

/** What is drawn from while lines are made: making them must not be what takes the time. */
const POOL = 997;
const CHUNK_BYTES = 262_144;
const COLUMNS = 'scheme,id,account,lender,opened,due,amount,balance,monthly,months,history_to,history';

/**
 * A lender's file of loans as it streams by, the same one every time: 24 to 60 months of history each. The
 * accounts of one subject stand together.
 */
export async function* accountsInput({ from, to }: Subjects): AsyncGenerator<Uint8Array> {
  const draw = pools();
  let [text, n] = [`${COLUMNS}\n`, from * 7];
  for (let subject = from; subject < to; subject += 1) {
    const who = identifierOf(subject);
    for (let account = accountsOf(subject); account > 0; account -= 1) {
      n += 1;
      text += `${who},A${subject}-${account},${draw.terms(n)},2026-10,${draw.history(n)}\n`;
    }
    if (text.length < CHUNK_BYTES) continue;
    yield Buffer.from(text, 'latin1');
    text = '';
  }
  if (text !== '') yield Buffer.from(text, 'latin1');
}

/** How many lines a file has. */
export function linesOf({ from, to }: Subjects): number {
  let lines = 0;
  for (let subject = from; subject < to; subject += 1) lines += accountsOf(subject);
  return lines;
}

/** The subjects of a file that has about so many lines or bytes. */
export const subjectsFor = (lines: number, from = 0): Subjects => ({
  from,
  to: from + Math.ceil((lines * PARTS) / (3 * PARTS + FOURS)),
});

export const LINE_BYTES = 160;

/** Some reference, the same for the same identifier: the authority's part is measured apart. */
export const knownReference = ({ scheme, value }: { scheme: string; value: string }): string =>
  `s1.1.${hash('sha256', `${scheme}:${value}`, 'base64url')}`;

const mixed = (n: number): number => (Math.imul(n, 0x9e37_79b1) >>> 0) % PARTS;

const accountsOf = (subject: number): number => (mixed(subject) < FOURS ? 4 : 3);

/** Numbers of nobody: region 990000. */
function identifierOf(subject: number): string {
  if (subject % PARTS < ENTERPRISES) {
    const organisation = `M${String(subject).padStart(7, '0')}`;
    const code = `91990000${organisation}${gb11714CheckDigit(organisation)}`;
    return `E,${code}${gb32100CheckDigit(code)}`;
  }
  const [day, order] = [subject % 18_000, Math.floor(subject / 18_000) + 1];
  const year = 1950 + Math.floor(day / 336);
  const rest = day % 336;
  const born = `${year}${two(Math.floor(rest / 28) + 1)}${two((rest % 28) + 1)}`;
  const code = `990000${born}${String(order).padStart(3, '0')}`;
  return `P,${code}${gb11643CheckDigit(code)}`;
}

const two = (n: number): string => String(n).padStart(2, '0');

function pools() {
  const sequence = new Sequence(20_261_122);
  const history = (): string =>
    Array.from({ length: sequence.between(24, 60) }, () => (sequence.chance(0.04) ? '1' : 'N')).join('');
  const terms = (): string => {
    const amount = sequence.between(2000, 900_000);
    const money = [amount, sequence.between(0, amount), Math.ceil(amount / 60)].map(
      (yuan) => `${yuan}.${sequence.between(10, 99)}`,
    );
    const opened = `20${sequence.between(15, 22)}-0${sequence.between(1, 9)}-1${sequence.between(0, 9)}`;
    const due = `20${sequence.between(27, 45)}-0${sequence.between(1, 9)}-2${sequence.between(0, 8)}`;
    return [`lender-${sequence.between(1, 40)}`, opened, due, ...money, '60'].join(',');
  };
  const [allTerms, histories] = [Array.from({ length: POOL }, terms), Array.from({ length: 991 }, history)];
  return {
    terms: (n: number): string => allTerms[n % allTerms.length] ?? '',
    history: (n: number): string => histories[n % histories.length] ?? '',
  };
}

/** How the bureau reads that file. */
export function accountsMapping(bureau: string): object {
  const text = (column: string) => ({ column, as: 'text' });
  const date = (column: string) => ({ column, as: 'date' });
  const decimal = (column: string) => ({ column, as: 'decimal', currency: 'CNY' });
  const fields = {
    ...{ category: { const: 'ACCOUNT_DETAIL' }, source_record_id: text('account') },
    ...{ account_ref: text('account'), type: { const: 'term' }, lender_ref: text('lender') },
    ...{ currency: { const: 'CNY' }, opened: date('opened'), due: date('due'), original: decimal('amount') },
    ...{ balance: decimal('balance'), scheduled_due: decimal('monthly') },
    ...{ term_count: { column: 'months', as: 'integer' }, repayment_frequency: { const: 'month' } },
    ...{
      status: { const: 'normal' },
      history: { column: 'history', as: 'history', to: { column: 'history_to' } },
    },
  };
  return {
    ...{ v: 1, name: 'bench', bureau, format: 'csv', encoding: 'utf-8', header: true },
    subject: { scheme: { column: 'scheme', values: { P: 'gb11643', E: 'gb32100' } }, id: { column: 'id' } },
    records: [{ record: 'account', fields }],
    as_of: { const: '2026-10-31' },
  };
}
