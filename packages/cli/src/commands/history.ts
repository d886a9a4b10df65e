import { Clients, accessesOf, sandboxSubject } from '@causeway/sandbox';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { historyLines } from '../views/history-view.ts';

/** Shows a sandbox person who asked about them, refused attempts included. */
export async function run(
  { terminal, home }: CommandContext,
  _args: string[],
  options: Record<string, string>,
): Promise<number> {
  const accesses = await accessesOf(Clients.open(home), sandboxSubject(options['person'] ?? ''));
  terminal.object({ accesses });
  for (const line of historyLines(accesses)) terminal.line(line);
  return EXIT.ok;
}
