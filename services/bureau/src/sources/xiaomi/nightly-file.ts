import { unreadable } from './answer.ts';
import {
  readHeader,
  readLoanRecord,
  readTrailer,
  recordBytes,
  recordType,
  type NightlyHeader,
  type NightlyLoan,
  type NightlyTrailer,
} from './nightly-record.ts';

/** Loans of one person; more is no person's file. */
const loansMax = 500;

/** What a whole file says of one person. */
export interface NightlyLoans {
  /** The day of the file, by its header. */
  readonly date: string;
  readonly loans: readonly NightlyLoan[];
}

/**
 * Reads a nightly file as its bytes come, keeps the loans of one document, and hands them out when the
 * trailer has come and agrees: until then any record may be missing or wrong.
 * @throws SourceFault `upstream_error` for a file that is cut off, goes on behind its trailer, has a byte out
 * of place anywhere, or sums up to something else than it says; nothing of such a file is used
 */
export async function readNightlyFile(
  chunks: AsyncIterable<Uint8Array>,
  wanted: { readonly idType: string; readonly id: string },
): Promise<NightlyLoans> {
  const reading = new Reading(wanted);
  for await (const record of recordsOf(chunks)) {
    try {
      reading.take(record);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw unreadable(`the nightly file is not as agreed at record ${reading.taken + 1}`);
    }
  }
  return reading.reconciled();
}

/** Cuts chunks of any size into records; what is left over at the end comes last, as short as it is. */
async function* recordsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + recordBytes <= rest.length; at += recordBytes) yield rest.subarray(at, at + recordBytes);
    rest = rest.subarray(at);
  }
  if (rest.length > 0) yield rest;
}

class Reading {
  taken = 0;
  private header: NightlyHeader | undefined;
  private trailer: NightlyTrailer | undefined;
  private count = 0;
  private sumFen = 0n;
  private readonly loans: NightlyLoan[] = [];
  private readonly wanted: { readonly idType: string; readonly id: string };

  constructor(wanted: { readonly idType: string; readonly id: string }) {
    this.wanted = wanted;
  }

  /** @throws RangeError for a record that cannot stand here */
  take(record: Buffer): void {
    const type = recordType(record);
    if (this.trailer) throw new RangeError('something follows the trailer');
    if (this.header === undefined) {
      if (type !== 'H') throw new RangeError('no header');
      this.header = readHeader(record);
    } else if (type === 'D') this.takeLoan(readLoanRecord(record));
    else if (type === 'T') {
      this.trailer = readTrailer(record);
      if (this.trailer.seq !== this.count + 1) throw new RangeError('out of sequence');
    } else throw new RangeError('unknown type of record');
    this.taken += 1;
  }

  /** @throws SourceFault where the file does not hold what its trailer says */
  reconciled(): NightlyLoans {
    const { count, header, sumFen, trailer } = this;
    if (header === undefined || trailer === undefined) throw unreadable('the nightly file is cut off');
    if (trailer.count !== count || trailer.sumFen !== sumFen) {
      const said = `${trailer.count} records and ${trailer.sumFen} fen`;
      throw unreadable(`the nightly file says ${said}, and holds ${count} records and ${sumFen} fen`);
    }
    return { date: header.date, loans: this.loans };
  }

  private takeLoan(loan: NightlyLoan): void {
    this.count += 1;
    if (loan.seq !== this.count) throw new RangeError('out of sequence');
    this.sumFen += loan.amtFen + loan.balFen;
    if (loan.idType !== this.wanted.idType || loan.id !== this.wanted.id) return;
    if (this.loans.length === loansMax || this.loans.some((held) => held.loan.loanNo === loan.loan.loanNo)) {
      throw new RangeError('too many loans, or one twice');
    }
    this.loans.push(loan);
  }
}
