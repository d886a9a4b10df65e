import { readFile } from 'node:fs/promises';
import { checkPublication } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { rejectionLines } from '../views/rejection-view.ts';

/**
 * Checks a file against a mapping with the rules the bureau itself uses, offline: nothing leaves this
 * machine.
 */
export async function run(
  { terminal }: CommandContext,
  [file = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const result = await checkPublication(
    await readFile(options['mapping'] ?? '', 'utf8'),
    await readFile(file),
  );
  terminal.object(result);
  terminal.line(`${result.accepted} of ${result.lines} lines would be taken`);
  for (const line of rejectionLines(result.rejections)) terminal.line(line);
  return result.rejections.length > 0 ? EXIT.partial : EXIT.ok;
}
