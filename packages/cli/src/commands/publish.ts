import { readFile } from 'node:fs/promises';
import { Clients } from '@causeway/sandbox';
import { fileTypeOf } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { rejectionLines } from '../views/rejection-view.ts';

/** Publishes a file into a bureau's store. A bad line is rejected by itself; the others are taken. */
export async function run(
  { terminal, home }: CommandContext,
  [file = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const publisher = Clients.open(home).publisher(options['bureau'] ?? '');
  const mapping = await publisher.mapping(await readFile(options['mapping'] ?? '', 'utf8'));
  const result = await publisher.file(mapping, fileTypeOf(file), await readFile(file));
  const rejections = result.rejected > 0 ? await publisher.rejections(result.batch) : [];
  terminal.object({ ...result, rejections });
  terminal.line(`${result.accepted} of ${result.lines} lines taken, about ${result.subjects} subjects`);
  for (const line of rejectionLines(rejections)) terminal.line(line);
  return result.rejected > 0 ? EXIT.partial : EXIT.ok;
}
