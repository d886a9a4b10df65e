import { Clients } from '@causeway/sandbox';
import { keyStates } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { table } from '../views/table.ts';

const roles = ['authority', 'consumer', 'broker', 'bureau', 'lender'] as const;

/** The members' keys and certificates, and what is above them, as the verified directory has them. */
export async function run({ terminal, home }: CommandContext): Promise<number> {
  const clients = Clients.open(home);
  const view = await clients.directory().view();
  const nowS = Math.floor(Date.now() / 1000);
  const members = roles.flatMap((role) => view.membersWith(role));
  const keys = members.flatMap((member) => keyStates(member, view, nowS));
  const certificates = members.flatMap(({ id, certificates: all }) =>
    all.map((thumbprint) => ({ member: id, thumbprint })),
  );
  const { evidence, references, version } = view;
  const root = evidence.roots.length;
  terminal.object({ version, root, anchor: clients.card.anchor, references, keys, certificates });
  const rows = keys.map((key) => [key.member, key.state, key.use.join(' '), key.thumbprint]);
  const columns = [{ head: 'member' }, { head: 'state' }, { head: 'may sign' }, { head: 'public key' }];
  for (const line of table(columns, rows)) terminal.line(line);
  terminal.line();
  const certified = certificates.map(({ member, thumbprint }) => [member, thumbprint]);
  for (const line of table([{ head: 'member' }, { head: 'certificate' }], certified)) terminal.line(line);
  terminal.line();
  const epochs = references?.epochs.map(({ epoch }) =>
    epoch === references.current ? `${epoch} (current)` : epoch,
  );
  terminal.line(`directory ${version}, root ${root}, reference epochs ${epochs?.join(', ') ?? 'none'}`);
  return EXIT.ok;
}
