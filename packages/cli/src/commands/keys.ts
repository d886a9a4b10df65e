import { Clients } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../views/table.ts';

const roles = ['authority', 'consumer', 'broker', 'bureau', 'lender'] as const;

/** The federation's members and their keys, as the verified directory has them. */
export async function run({ terminal, home }: CommandContext): Promise<number> {
  const clients = Clients.open(home);
  const view = await clients.lender(clients.card.lenders[0] ?? '').directory.view();
  const keys = roles
    .flatMap((role) => view.membersWith(role))
    .flatMap((member) =>
      member.keys.map((key) => ({
        member: member.id,
        use: key.use,
        thumbprint: key.jwk.x,
        state: key.revoked_at ? 'revoked' : key.retired_at ? 'retired' : 'in use',
      })),
    );
  terminal.object({ version: view.version, anchor: clients.card.anchor, keys });
  const rows = keys.map((key) => [key.member, key.state, key.use.join(' '), key.thumbprint]);
  const columns = [{ head: 'member' }, { head: 'state' }, { head: 'may sign' }, { head: 'public key' }];
  for (const line of table(columns, rows)) terminal.line(line);
  return EXIT.ok;
}
