import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CausewayError } from '@causeway/protocol';
import { Clients } from './clients.ts';
import { SANDBOX_FED } from './plan.ts';
import { postgresDir } from './federation-parts.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { roleUrl, running } from './postgres-server.ts';
import { databaseName, fsckFile } from './programs.ts';

/** What is wrong with a member's ledger, and exactly where. */
export interface LedgerFindings {
  member: string;
  findings: { what: string; at: string; detail: string }[];
}

/**
 * Has every ledger of the federation in this folder proven anew, from its database, while it runs. Ledgers
 * belong to the services, so a program of theirs looks, with the rights of the service.
 * @throws CausewayError `unavailable` where no federation runs here
 */
export async function fsckLedgers(home: string): Promise<LedgerFindings[]> {
  const { card } = Clients.open(home);
  const postgres = await preparePostgresHome(postgresDir(home));
  const port = running(postgres)?.port;
  if (port === undefined) {
    const detail = `No federation runs in ${home}; "causeway up" starts it.`;
    throw new CausewayError('unavailable', { detail });
  }
  const found: LedgerFindings[] = [];
  for (const member of ['authority', 'consumer', 'broker', ...card.bureaus]) {
    const database = databaseName(member);
    const url = roleUrl(postgres, port, `${database}_app`, database);
    found.push({ member, findings: await fsck(member, join(home, 'keys', member), url) });
  }
  return found;
}

async function fsck(member: string, keysDir: string, url: string): Promise<LedgerFindings['findings']> {
  const env = {
    CAUSEWAY_FED: SANDBOX_FED,
    CAUSEWAY_MEMBER: member,
    CAUSEWAY_KEYS_DIR: keysDir,
    CAUSEWAY_DATABASE_URL: url,
  };
  const child = spawn(process.execPath, [fsckFile], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  if (out === '') throw new Error(`the ledger of ${member} could not be read: ${err.split('\n')[0]}`);
  return JSON.parse(out) as LedgerFindings['findings'];
}
