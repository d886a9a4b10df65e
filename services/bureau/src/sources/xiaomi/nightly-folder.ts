import { daysBetween, isDate } from '@causeway/kernel';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { SourceFault } from '../source-fault.ts';
import type { Finding, FindingNote, NativeSubject } from '../source.ts';
import { unreadable } from './answer.ts';
import { recordsOfLoan, type Loan } from './loan-records.ts';
import { readNightlyFile } from './nightly-file.ts';
import type { NightlyLoan } from './nightly-record.ts';
import { idTypes } from './question.ts';
import type { XiaomiSettings } from './settings.ts';

const nameExpression = /^XM_LOAN_([0-9]{4})([0-9]{2})([0-9]{2})\.dat$/u;
const ageDaysDefault = 3;
/** Five million loans. What is longer ends there without a trailer, and is refused as cut off. */
const fileBytesMax = 1 << 30;
const readingMsMax = 30_000;

/** Loans come from a file of another day, and there is no score in it. */
const fallbackNotes: readonly FindingNote[] = [{ field: 'loans', what: 'assumed' }];

/**
 * A person's loans by the newest nightly file, with its day as theirs. Undefined where there is no file that
 * is new enough, or it does not list the person: whether the system knows them it cannot say.
 * @throws SourceFault for a file that does not hold what it says
 */
export async function nightlyFinding(
  { age_days_max: ageDaysMax, folder }: NonNullable<XiaomiSettings['nightly']>,
  { identifier: { scheme, value } }: Pick<NativeSubject, 'identifier'>,
  today: string,
  lenderRef: string,
  signal: AbortSignal,
): Promise<Finding | undefined> {
  const newest = await newestFile(folder, today, ageDaysMax ?? ageDaysDefault);
  if (newest === undefined || scheme === 'gb32100') return undefined;
  const bounds = { signal: AbortSignal.any([signal, AbortSignal.timeout(readingMsMax)]), end: fileBytesMax };
  const chunks = createReadStream(join(folder, newest.name), bounds) as AsyncIterable<Buffer>;
  const wanted = { idType: idTypes[scheme], id: value };
  const { date, loans } = await readNightlyFile(chunks, wanted).catch(asFault);
  if (date !== newest.date) throw unreadable('the nightly file is of another day than its name');
  if (loans.length === 0) return undefined;
  const notes = [...fallbackNotes];
  const source = { origin: newest.name.slice(0, -'.dat'.length), asOf: date, lenderRef };
  const records = loans.flatMap((loan) => recordsOfLoan(loanOf(loan), source, notes));
  return { known: true, records, notes };
}

function asFault(error: unknown): never {
  if (error instanceof SourceFault) throw error;
  throw new SourceFault('upstream_unavailable', 'the nightly file cannot be read');
}

async function newestFile(folder: string, today: string, ageDaysMax: number) {
  const names = await readdir(folder).catch(() => {
    throw new SourceFault('upstream_unavailable', 'the folder of nightly files cannot be read');
  });
  const files = names.flatMap((name) => {
    const date = nameExpression.exec(name)?.slice(1).join('-') ?? '';
    const age = isDate(date) ? daysBetween(date, today) : -1;
    return age >= 0 && age <= ageDaysMax ? [{ name, date }] : [];
  });
  return files.sort((a, b) => (a.date < b.date ? 1 : -1))[0];
}

/** The model has no debt below zero; what the person has paid too much is not made into one. */
function loanOf({ amtFen, balFen, loan }: NightlyLoan): Loan {
  if (amtFen < 0n || balFen < 0n) throw unreadable('the nightly file has a loan below zero');
  return { ...loan, original: String(amtFen), balance: String(balFen) };
}
