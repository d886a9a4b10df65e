import type { NoteSigner, Signers } from '@causeway/ledger';
import type pg from 'pg';

import { fsckLedger } from './fsck.ts';

/**
 * What a test ends with that made a ledger: the ledger proves itself, but for what the test announces that it
 * did to the database, in the order in which `fsck` tells it, each as `what at`.
 */
export async function requireProven(
  pool: pg.Pool,
  { key }: Pick<NoteSigner, 'key'>,
  announced: readonly string[] = [],
  witnesses: Signers['witnesses'] = [],
): Promise<void> {
  const ledger = { origin: key.name, keys: [key] };
  const found = await fsckLedger({ pool, ledger, witnesses });
  const told = found.map(({ what, at }) => `${what} ${at}`);
  if (JSON.stringify(told) === JSON.stringify(announced)) return;
  throw new Error(`fsck finds ${JSON.stringify(found)}, and ${JSON.stringify(announced)} was announced`);
}
