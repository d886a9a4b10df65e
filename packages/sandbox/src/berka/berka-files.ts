import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gb11643CheckDigit } from '@causeway/records';

/** One row of the files this run needs, by the columns that the folder's README names. */
interface Client {
  id: string;
  born: string;
  gender: string;
}

/** The bank's tables, joined just far enough to say which client an account or a card belongs to. */
export interface BerkaTables {
  /** GB 11643 number by client id. */
  identity: Map<string, string>;
  /** Owner's client id by account id. */
  owner: Map<string, string>;
  /** Client id by disposition id: a card belongs to whoever may dispose, owner or not. */
  holder: Map<string, string>;
  loans: string[][];
  cards: string[][];
  orders: string[][];
}

const REGION = '990000';

export async function readBerka(folder: string): Promise<BerkaTables> {
  const [clients, disps, loans, cards, orders] = await Promise.all(
    ['client', 'disp', 'loan', 'card', 'order'].map((name) => rows(folder, name)),
  );
  const people = (clients ?? []).map(([id = '', born = '', gender = '']) => ({ id, born, gender }));
  return {
    identity: identities(people),
    owner: new Map((disps ?? []).filter((row) => row[3] === 'O').map((row) => [row[2] ?? '', row[1] ?? ''])),
    holder: new Map((disps ?? []).map((row) => [row[0] ?? '', row[1] ?? ''])),
    loans: loans ?? [],
    cards: cards ?? [],
    orders: orders ?? [],
  };
}

async function rows(folder: string, name: string): Promise<string[][]> {
  const text = await readFile(join(folder, `${name}.tsv`), 'utf8');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/**
 * A number for each client that every island can work out by itself: birth date, and a sequence that is odd
 * for men, even for women, and counts the clients of that sex born on that day by client id.
 */
function identities(clients: readonly Client[]): Map<string, string> {
  const taken = new Map<string, number>();
  const ordered = clients.toSorted((a, b) => Number(a.id) - Number(b.id));
  return new Map(
    ordered.map(({ id, born, gender }) => {
      const day = `${born} ${gender}`;
      const nth = taken.get(day) ?? 0;
      taken.set(day, nth + 1);
      const order = gender === 'M' ? 2 * nth + 1 : 2 * nth + 2;
      const body = `${REGION}${born.replaceAll('-', '')}${String(order).padStart(3, '0')}`;
      return [id, `${body}${gb11643CheckDigit(body)}`];
    }),
  );
}
