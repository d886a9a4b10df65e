import { Clients, freshKey, sandboxSubject } from '@causeway/sandbox';
import type { SubjectDisputes } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import type { Terminal } from '../terminal.ts';
import { unknownWord } from '../unknown-word.ts';
import { disputeLines, wholeDisputeLines } from '../views/dispute-view.ts';

const usage = `usage: causeway dispute open --person <id> --bureau <member> --record <id>
         --reason <code> --text <text>
       causeway dispute list --person <id>
       causeway dispute show|withdraw --person <id> --dispute <id>
`;

const acts = ['open', 'list', 'show', 'withdraw'] as const;

/** Disputes of a sandbox person: opens one, lists them, shows one step by step, takes one back. */
export async function run(
  { terminal, home }: CommandContext,
  [act = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  if (!acts.some((known) => known === act)) return unknownWord(`dispute ${act}`, usage);
  const { person } = options;
  if (person === undefined) return misused();
  const disputes = await Clients.open(home).disputes(sandboxSubject(person));
  if (act === 'open') return await open(terminal, disputes, options);
  if (act === 'list') {
    const items = await disputes.list();
    terminal.object({ disputes: items });
    for (const line of disputeLines(items)) terminal.line(line);
    return EXIT.ok;
  }
  const id = options['dispute'];
  if ((act !== 'show' && act !== 'withdraw') || id === undefined) return misused();
  const dispute = act === 'show' ? await disputes.show(id) : await disputes.withdraw(id);
  terminal.object(dispute);
  for (const line of wholeDisputeLines(dispute)) terminal.line(line);
  return EXIT.ok;
}

async function open(
  terminal: Terminal,
  disputes: SubjectDisputes,
  { bureau, record, reason = 'other', text }: Record<string, string>,
): Promise<number> {
  if (bureau === undefined || record === undefined || text === undefined) return misused();
  const id = await disputes.open({ bureau, record, reason: reason as 'other', text }, freshKey());
  terminal.object({ id });
  terminal.line(`dispute ${id}`);
  return EXIT.ok;
}

function misused(): number {
  process.stderr.write(usage);
  return EXIT.usage;
}
