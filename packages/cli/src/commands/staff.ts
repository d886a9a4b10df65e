import { Clients } from '@causeway/sandbox';
import { CausewayError } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { unknownWord } from '../unknown-word.ts';
import { type ListedStaff, staffLines, staffSetLines } from '../views/staff-view.ts';

const usage = `usage: causeway staff show --member <id>
       causeway staff set --member <id> --roles <list> [--issuer <url>] [--client <id>]
       causeway staff clear --member <id>
`;

const acts = ['show', 'set', 'clear'] as const;

/**
 * By which provider a member's staff sign in and which roles it may give: shows it as the directory has it,
 * and has the officers set it or take it away.
 */
export async function run(
  { terminal, home }: CommandContext,
  [act = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  if (!acts.some((known) => known === act)) return unknownWord(`staff ${act}`, usage);
  const { member } = options;
  if (member === undefined) return misused();
  const clients = Clients.open(home);
  const entry = (await clients.directory().view()).member(member);
  if (entry === undefined) throw new CausewayError('not_found', { detail: `there is no member ${member}` });
  if (act === 'show') {
    terminal.object({ member, staff: entry.staff ?? null });
    for (const line of staffLines(member, entry.staff)) terminal.line(line);
    return EXIT.ok;
  }
  const staff = act === 'set' ? wanted(options, entry.staff) : undefined;
  if (act === 'set' && staff === undefined) return misused();
  terminal.step('the officers sign; brokers and consumer service are asked to acknowledge');
  const changed = await clients.setStaff(member, staff);
  const { acknowledgements, directory_version: version, waiting } = changed;
  const acknowledged = acknowledgements.map(({ node }) => node);
  terminal.object({ member, staff: staff ?? null, directory_version: version, acknowledged, waiting });
  for (const line of staffSetLines({ member, staff, version, acknowledged, waiting })) terminal.line(line);
  // It is in force; whoever is waited for hears of it at the next poll.
  return waiting.length === 0 ? EXIT.ok : EXIT.partial;
}

/** What is asked for; the provider that is listed now stays where none is named. Undefined for too little. */
function wanted(options: Record<string, string>, listed: ListedStaff | undefined): ListedStaff | undefined {
  const { client: client_id = listed?.client_id, issuer = listed?.issuer, roles } = options;
  if (client_id === undefined || issuer === undefined || roles === undefined) return undefined;
  return { issuer, client_id, roles: roles.split(',').map((role) => role.trim()) };
}

function misused(): number {
  process.stderr.write(usage);
  return EXIT.usage;
}
