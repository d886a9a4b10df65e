import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Sequence } from '../people/sequence.ts';

const CLIENTS = 60;
const LOAN_EVERY = 3;
const CARD_EVERY = 4;
const SEED = 1999;

/** Writes a small set of tables with the columns of the real ones, for machines that do not have them. */
export async function syntheticBerka(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const sequence = new Sequence(SEED);
  const tables: Record<string, string[][]> = { client: [], disp: [], loan: [], card: [], order: [] };
  for (let n = 1; n <= CLIENTS; n += 1) addClient(tables, n, sequence);
  for (const [name, rows] of Object.entries(tables)) {
    await writeFile(join(folder, `${name}.tsv`), `${rows.map((row) => row.join('\t')).join('\n')}\n`);
  }
  return folder;
}

/** Client n owns account n. Every third has a loan, which is also an order with a rounding of its own. */
function addClient(tables: Record<string, string[][]>, n: number, sequence: Sequence): void {
  const id = String(n);
  const born = `19${sequence.between(50, 99)}-0${sequence.between(1, 9)}-${sequence.between(10, 28)}`;
  tables['client']?.push([id, born, n % 2 ? 'M' : 'F', '1']);
  tables['disp']?.push([id, id, id, 'O']);
  tables['order']?.push([`${n}1`, id, 'AB', '1', `${sequence.between(50, 900)}.40`, 'HH']);
  if (n % CARD_EVERY === 0) tables['card']?.push([id, id, 'C', '2018-01-15']);
  if (n % LOAN_EVERY !== 0) return;
  const payment = sequence.between(1_000, 90_000);
  const money = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
  tables['loan']?.push([id, id, '2018-03-01', money(payment * 12), '12', money(payment), 'A']);
  tables['order']?.push([`${n}2`, id, 'AB', '2', money(payment + sequence.between(-5, 5)), 'LO']);
}
