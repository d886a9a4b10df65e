import { encodeStrict } from '@causeway/records';

import type { Holding } from '../native-system.ts';
import { loansOf, type NativeLoan } from './native-data.ts';
import type { NightlyQuirks } from './quirks.ts';

const recordBytes = 200;
const nameBytes = 30;

/**
 * The nightly file `XM_LOAN_yyyymmdd.dat` of these holdings: records of 200 bytes in GBK, the line feed at
 * their end included; a header, the loans numbered from 1, and a trailer with their count and the sum of both
 * amounts.
 */
export function nightlyFile(
  holdings: readonly Holding[],
  date: string,
  quirks: NightlyQuirks = {},
): Uint8Array {
  const persons = holdings.filter(({ subject }) => subject.kind === 'person');
  const rows = persons.flatMap((holding) => loansOf(holding).map((loan) => ({ holding, loan })));
  const sum = rows.reduce((total, { loan }) => total + loan.amtFen + loan.balFen, 0n);
  const count = rows.length + (quirks.trailer === 'count' ? 1 : 0);
  const records = [
    record(['H', digits(0, 8), date.replaceAll('-', '')]),
    ...rows.map(({ holding, loan }, at) => loanRecord(holding, loan, at + 1, quirks)),
    record([
      'T',
      digits(rows.length + 1, 8),
      digits(count, 8),
      fen(sum + (quirks.trailer === 'sum' ? 1n : 0n), 24),
    ]),
  ];
  return Buffer.concat(records).subarray(0, quirks.bytesMax);
}

function loanRecord({ subject }: Holding, loan: NativeLoan, seq: number, quirks: NightlyQuirks): Buffer {
  const { scheme, value } = subject.identifier;
  return record([
    'D',
    digits(seq, 8),
    scheme === 'passport' ? '02' : '01',
    value.padEnd(18),
    nameColumn(subject.name, quirks.longName),
    loan.loanNo.padEnd(24),
    loan.opened.replaceAll('-', ''),
    (loan.due ?? '').replaceAll('-', '').padEnd(8),
    fen(loan.amtFen, 15),
    fen(loan.balFen, 15),
    loan.status,
    digits(Math.min(loan.maxOverdueDays, 9999), 4),
  ]);
}

/** Columns side by side, filled up with spaces; a column may be bytes already. */
function record(parts: readonly (string | Uint8Array)[]): Buffer {
  const bytes = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  const filler = Buffer.alloc(Math.max(0, recordBytes - 1 - bytes.length), ' ');
  return Buffer.concat([bytes, filler, Buffer.from('\n')]);
}

/**
 * A name in 30 bytes. It ends before the character that does not fit whole; a name that GBK cannot write is
 * left empty.
 */
function nameColumn(name: string, quirk: NightlyQuirks['longName']): Buffer {
  if (quirk !== undefined && isWritable(name)) {
    const long = Buffer.from(encodeStrict(`X${name.repeat(40)}`, 'gbk'));
    return long.subarray(0, quirk === 'split' ? nameBytes : nameBytes + 9);
  }
  const fits: Uint8Array[] = [];
  let bytes = 0;
  for (const character of isWritable(name) ? name : '') {
    const written = encodeStrict(character, 'gbk');
    if (bytes + written.length > nameBytes) break;
    fits.push(written);
    bytes += written.length;
  }
  return Buffer.concat([...fits, Buffer.alloc(nameBytes - bytes, ' ')]);
}

function isWritable(name: string): boolean {
  try {
    return encodeStrict(name, 'gbk').length > 0;
  } catch {
    return false;
  }
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');

/** Zero-padded, the sign last. */
const fen = (value: bigint, width: number): string =>
  `${String(value < 0n ? -value : value).padStart(width - 1, '0')}${value < 0n ? '-' : '+'}`;
