import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { SubjectKeys } from '@causeway/service';
import pg from 'pg';
import { databaseUrl } from './rows.ts';

/** Looks into a node's key store with the node's own sealing key, as somebody who has both may. */
export async function subjectKeysOf<T>(
  federation: Federation,
  member: string,
  look: (keys: SubjectKeys) => Promise<T>,
): Promise<T> {
  const file = join(federation.home, 'keys', member, 'sealing.key');
  const sealing = Buffer.from(readFileSync(file, 'utf8'), 'base64url');
  const rows = new pg.Pool({ connectionString: databaseUrl(federation, member), max: 1 });
  const store = new pg.Pool({ connectionString: databaseUrl(federation, `${member}-keys`), max: 1 });
  try {
    const bury = () => Promise.reject(new Error('a life that has ended'));
    const parts = { store, rows, sealing, clock: systemClock, random: systemRandom, bury };
    return await look(new SubjectKeys(parts));
  } finally {
    await Promise.all([rows.end(), store.end()]);
  }
}
