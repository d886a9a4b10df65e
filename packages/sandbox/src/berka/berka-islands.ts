import type { BerkaTables } from './berka-files.ts';

export type IslandName = 'lending' | 'card' | 'payments';
export const ISLANDS: readonly IslandName[] = ['lending', 'card', 'payments'];

/** What one island publishes: its own rows with its own identifiers, and who they are about. */
export interface Island {
  name: IslandName;
  tsv: string;
  /** GB 11643 numbers of the people in it, each once. */
  people: Set<string>;
}

/** The three islands: each sees its own table and the people in it, none sees another's. */
export function berkaIslands(tables: BerkaTables): Island[] {
  const ofAccount = (account: string): string => tables.identity.get(tables.owner.get(account) ?? '') ?? '';
  const ofDisposition = (disp: string): string => tables.identity.get(tables.holder.get(disp) ?? '') ?? '';
  return [
    island(
      'lending',
      'id_no\tloan_id\tgranted\tamount\tduration\tpayment\tstatus',
      tables.loans.map(([loan = '', account = '', ...rest]) => [ofAccount(account), loan, ...rest]),
    ),
    island(
      'card',
      'id_no\tcard_id\ttype\tissued',
      tables.cards.map(([card = '', disp = '', ...rest]) => [ofDisposition(disp), card, ...rest]),
    ),
    island(
      'payments',
      'id_no\torder_id\tbank_to\taccount_to\tamount\tcategory',
      tables.orders.map(([order = '', account = '', ...rest]) => [ofAccount(account), order, ...rest]),
    ),
  ];
}

function island(name: IslandName, head: string, rows: string[][]): Island {
  return {
    name,
    tsv: `${[head, ...rows.map((row) => row.join('\t'))].join('\n')}\n`,
    people: new Set(rows.map(([idNo = '']) => idNo)),
  };
}
