import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CausewayError, nodesIn } from '@causeway/protocol';
import { Clients } from './clients.ts';
import { memberKeys } from './member-keys.ts';
import { SANDBOX_FED } from './plan.ts';
import { postgresDir } from './federation-parts.ts';
import { preparePostgresHome } from './postgres-home.ts';
import { roleUrl, running } from './postgres-server.ts';
import { programFile } from './program-files.ts';
import { databaseName } from './programs.ts';
import { inherited } from './service-process.ts';

/** What is wrong with a member's ledger, and exactly where. */
export interface LedgerFindings {
  member: string;
  findings: { what: string; at: string; detail: string }[];
}

/** Keys that ledgers had before, by member. */
type RetiredKeys = ReadonlyMap<string, readonly { readonly key: string; readonly until_s: number }[]>;

/** As the directory lists them; none where the authority does not answer. */
export async function retiredLedgerKeys(home: string): Promise<RetiredKeys> {
  const view = await Clients.open(home)
    .directory()
    .view()
    .catch(() => undefined);
  const nodes = view === undefined ? [] : nodesIn(view);
  return new Map(
    nodes.map(({ id, retired_ledger_keys: keys = [] }) => [
      id,
      keys.map(({ jwk, retired_at }) => ({ key: jwk.x, until_s: retired_at })),
    ]),
  );
}

/**
 * Has every ledger of the federation in this folder proven anew, from its database, with the cosignatures on
 * its checkpoints; whether or not its nodes run. Ledgers belong to the services, so a program of theirs
 * looks, with the rights of the service.
 * @throws CausewayError `unavailable` where no federation runs here
 */
export async function fsckLedgers(home: string, earlier?: RetiredKeys): Promise<LedgerFindings[]> {
  const retired = earlier ?? (await retiredLedgerKeys(home));
  const { card } = Clients.open(home);
  const postgres = await preparePostgresHome(postgresDir(home));
  const port = running(postgres)?.port;
  if (port === undefined) {
    const detail = `No federation runs in ${home}; "causeway up" starts it.`;
    throw new CausewayError('unavailable', { detail });
  }
  const nodes = ['authority', 'consumer', 'broker', ...card.bureaus].map((member) => {
    const { trees } = memberKeys(join(home, 'keys', member), member, true);
    if (!trees) throw new RangeError(`${member} has no keys for a ledger`);
    const database = databaseName(member);
    const url = roleUrl(postgres, port, `${database}_app`, database);
    return { member, database: url, key: trees.ledger.x, witness: trees.witness.x };
  });
  return await fsck({
    fed: SANDBOX_FED,
    ledgers: nodes.map(({ member, database, key }) => ({
      ...{ member, database, key, retired: retired.get(member) ?? [] },
    })),
    witnesses: nodes.map(({ member, witness: key }) => ({ member, key })),
  });
}

async function fsck(ledgers: object): Promise<LedgerFindings[]> {
  const env = { ...inherited(), CAUSEWAY_LEDGERS: JSON.stringify(ledgers) };
  const child = spawn(process.execPath, [programFile('fsck')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  if (out === '') throw new Error(`the ledgers could not be read: ${err.split('\n')[0]}`);
  return JSON.parse(out) as LedgerFindings[];
}
