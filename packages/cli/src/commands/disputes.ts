import { Clients } from '@causeway/sandbox';
import { deskActs } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { unknownWord } from '../unknown-word.ts';
import { deskDisputeLines, deskLines } from '../views/dispute-view.ts';

const usage = `usage: causeway disputes list|show|${deskActs.join('|')}
         --bureau <member> [--dispute <id> --by <person>]
`;

/** The desk of a bureau: its open disputes by the time that is left, and one act on one of them. */
export async function run(
  { terminal, home }: CommandContext,
  [act = 'list']: string[],
  options: Record<string, string>,
): Promise<number> {
  const known = deskActs.find((name) => name === act);
  if (known === undefined && act !== 'list' && act !== 'show') return unknownWord(`disputes ${act}`, usage);
  const { bureau, by, dispute: id, outcome, reason, set, text } = options;
  if (bureau === undefined) return misused();
  const desk = Clients.open(home).disputeDesk(bureau);
  if (act === 'list') {
    const items = await desk.list();
    terminal.object({ disputes: items });
    for (const line of deskLines(items)) terminal.line(line);
    return EXIT.ok;
  }
  if (id === undefined || (act !== 'show' && (known === undefined || by === undefined))) {
    return misused();
  }
  const said = {
    ...{ by: by ?? '' },
    ...(text === undefined ? {} : { text }),
    ...(outcome === undefined ? {} : { outcome }),
    ...(reason === undefined ? {} : { reason }),
    ...(set === undefined ? {} : { set: JSON.parse(set) as object }),
  };
  const dispute = known === undefined ? await desk.show(id) : await desk.act(id, known, said);
  terminal.object(dispute);
  for (const line of deskDisputeLines(dispute)) terminal.line(line);
  return EXIT.ok;
}

function misused(): number {
  process.stderr.write(usage);
  return EXIT.usage;
}
