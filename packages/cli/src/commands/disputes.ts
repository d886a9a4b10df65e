import { Clients } from '@causeway/sandbox';
import { deskActs } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { deskDisputeLines, deskLines } from '../views/dispute-view.ts';

/** The desk of a bureau: its open disputes by the time that is left, and one act on one of them. */
export async function run(
  { terminal, home }: CommandContext,
  [act = 'list']: string[],
  options: Record<string, string>,
): Promise<number> {
  const desk = Clients.open(home).disputeDesk(options['bureau'] ?? '');
  const { by, dispute: id, outcome, reason, set, text } = options;
  if (act === 'list') {
    const items = await desk.list();
    terminal.object({ disputes: items });
    for (const line of deskLines(items)) terminal.line(line);
    return EXIT.ok;
  }
  const known = deskActs.find((name) => name === act);
  if (id === undefined || (act !== 'show' && (known === undefined || by === undefined))) {
    process.stderr.write(
      `usage: causeway disputes list|show|${deskActs.join('|')}
         --bureau <member> [--dispute <id> --by <person>]\n`,
    );
    return EXIT.usage;
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
