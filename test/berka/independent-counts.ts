import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a run over the three islands must find, worked out from the tables alone and sharing no code with the
 * run.
 */
export interface ExpectedCounts {
  records: { lending: number; card: number; payments: number };
  subjects: { lending: number; card: number; payments: number; any: number; all: number };
  /** Loans whose account has exactly one loan order within five hundredths of the monthly payment. */
  sameDebt: number;
}

type Row = string[];

function rows(folder: string, name: string): Row[] {
  const lines = readFileSync(join(folder, `${name}.tsv`), 'utf8').split('\n');
  return lines.filter((line) => line.length > 0).map((line) => line.split('\t'));
}

/** Counts people by client id: one client is one person. */
export function expectedCounts(folder: string): ExpectedCounts {
  const disps = rows(folder, 'disp');
  const owners = new Map(disps.filter((d) => d[3] === 'O').map((d) => [d[2], d[1]]));
  const holders = new Map(disps.map((d) => [d[0], d[1]]));
  const loans = rows(folder, 'loan');
  const cards = rows(folder, 'card');
  const orders = rows(folder, 'order');
  const lending = new Set(loans.map((l) => owners.get(l[1])));
  const card = new Set(cards.map((c) => holders.get(c[1])));
  const payments = new Set(orders.map((o) => owners.get(o[1])));
  return {
    records: { lending: loans.length, card: cards.length, payments: orders.length },
    subjects: {
      lending: lending.size,
      card: card.size,
      payments: payments.size,
      any: lending.union(card).union(payments).size,
      all: lending.intersection(card).intersection(payments).size,
    },
    sameDebt: loans.filter((loan) => isSeenPaid(loan, orders)).length,
  };
}

const cents = (text: string | undefined): number => Math.round(Number(text) * 100);

function isSeenPaid(loan: Row, orders: Row[]): boolean {
  const paid = orders.filter((order) => order[1] === loan[1] && order[5] === 'LO');
  return paid.length === 1 && Math.abs(cents(paid[0]?.[4]) - cents(loan[5])) <= 5;
}
