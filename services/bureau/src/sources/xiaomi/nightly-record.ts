import { decodeStrict } from '@causeway/records';

import { calendarDay, type Loan } from './loan-records.ts';

/** One record of `XM_LOAN_yyyymmdd.dat`, its line feed included. */
export const recordBytes = 200;

/** Where each column of a loan begins and how many BYTES it has; what follows is filler of spaces. */
const columns = {
  type: [0, 1],
  seq: [1, 8],
  idType: [9, 2],
  id: [11, 18],
  name: [29, 30],
  loanNo: [59, 24],
  open: [83, 8],
  due: [91, 8],
  amtFen: [99, 15],
  bal: [114, 15],
  status: [129, 1],
  ovdDays: [130, 4],
  filler: [134, 65],
} as const;

type Column = keyof typeof columns;

/** The columns of header and trailer behind type and seq. */
const headerDate = [9, 8] as const;
const trailerCount = [9, 8] as const;
const trailerSum = [17, 24] as const;

/** A loan as the file lists it: whose it is, and both amounts with their signs, in fen. */
export interface NightlyLoan {
  readonly seq: number;
  readonly idType: string;
  readonly id: string;
  readonly name: string;
  readonly amtFen: bigint;
  readonly balFen: bigint;
  readonly loan: Omit<Loan, 'original' | 'balance'>;
}

export interface NightlyHeader {
  readonly date: string;
}

export interface NightlyTrailer {
  readonly seq: number;
  readonly count: number;
  readonly sumFen: bigint;
}

/** The first byte of a record, once its last byte has shown that it is one. @throws RangeError */
export function recordType(record: Buffer): string {
  if (record.length !== recordBytes || record[recordBytes - 1] !== 0x0a) throw new RangeError('no line end');
  return record.toString('latin1', 0, 1);
}

/** @throws RangeError where a byte is not as it must be */
export function readHeader(record: Buffer): NightlyHeader {
  if (column(record, columns.seq) !== '00000000') throw new RangeError('a header has no number');
  fillerFrom(record, headerDate[0] + headerDate[1]);
  return { date: day(column(record, headerDate)) };
}

/** @throws RangeError where a byte is not as it must be */
export function readTrailer(record: Buffer): NightlyTrailer {
  fillerFrom(record, trailerSum[0] + trailerSum[1]);
  return {
    seq: digits(column(record, columns.seq)),
    count: digits(column(record, trailerCount)),
    sumFen: signed(column(record, trailerSum)),
  };
}

/** @throws RangeError where a byte is not as it must be */
export function readLoanRecord(record: Buffer): NightlyLoan {
  const text = (name: Column): string => column(record, columns[name]);
  fillerFrom(record, columns.filler[0]);
  const [start, length] = columns.name;
  const due = unpadded(text('due'));
  const opened = day(text('open'));
  if (due !== '' && day(due) < opened) throw new RangeError('due before it was opened');
  return {
    seq: digits(text('seq')),
    idType: matching(text('idType'), /^[0-9]{2}$/u),
    id: matching(unpadded(text('id')), /^[0-9A-Z]{1,18}$/u),
    // The column ends at a byte. Half a character at its end is no name, and not cut off in silence.
    name: unpadded(decodeStrict(record.subarray(start, start + length), 'gbk')),
    amtFen: signed(text('amtFen')),
    balFen: signed(text('bal')),
    loan: {
      loanNo: matching(unpadded(text('loanNo')), /^[A-Za-z0-9-]{1,24}$/u),
      status: matching(text('status'), /^[SNOW]$/u) as Loan['status'],
      opened,
      due: due === '' ? undefined : day(due),
      maxOverdueDays: digits(text('ovdDays')),
      terms: [],
    },
  };
}

const column = (record: Buffer, [start, length]: readonly [number, number]): string =>
  record.toString('latin1', start, start + length);

function fillerFrom(record: Buffer, start: number): void {
  if (!/^ *$/u.test(record.toString('latin1', start, recordBytes - 1)))
    throw new RangeError('filler is not empty');
}

function matching(text: string, expression: RegExp): string {
  if (!expression.test(text)) throw new RangeError('a column holds something else');
  return text;
}

/** Without the spaces that fill a column; another white space is no filler. */
const unpadded = (text: string): string => text.replace(/ +$/u, '');

const digits = (text: string): number => Number(matching(text, /^[0-9]+$/u));

/** Zero-padded digits with the sign behind them; zero has one spelling. */
function signed(text: string): bigint {
  const amount = BigInt(matching(text, /^[0-9]+[+-]$/u).slice(0, -1));
  if (!text.endsWith('-')) return amount;
  if (amount === 0n) throw new RangeError('minus zero');
  return -amount;
}

const day = (text: string): string => calendarDay(`${text.slice(0, 4)}-${text.slice(4, 6)}-${text.slice(6)}`);
