import { readFile } from 'node:fs/promises';
import { checkPublication, previewPublication } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import { type LocalFile, localFile, openRejectFile } from '../local-file.ts';
import type { CommandContext } from '../main.ts';
import { checkLines } from '../views/check-view.ts';
import { previewView } from '../views/preview-view.ts';

/** Lines that are worth looking at on a screen. */
const previewMax = 1000;

/**
 * Checks a file against a mapping with the rules the bureau itself uses, offline: nothing leaves this
 * machine. The file is read as a stream, whatever its size.
 */
export async function run(
  { terminal }: CommandContext,
  [path = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const mapping = await readFile(options['mapping'] ?? '', 'utf8');
  const file = await localFile(path, terminal);
  const count = previewCount(options['preview']);
  const preview = count === 0 ? undefined : await previewPublication(mapping, file.open('preview'), count);
  const result = await checkInto(mapping, file, options['rejectFile']);
  terminal.progress('');
  terminal.object({ ...result, ...(preview ? { preview } : {}) });
  for (const line of preview ? previewView(preview) : []) terminal.line(line);
  for (const line of checkLines(result)) terminal.line(line);
  return result.rejected > 0 ? EXIT.partial : EXIT.ok;
}

async function checkInto(mapping: string, file: LocalFile, rejectFile: string | undefined) {
  const rejects = openRejectFile(rejectFile);
  try {
    return await checkPublication(mapping, file.open('checked'), (line) => rejects.write(line));
  } finally {
    rejects.close();
  }
}

function previewCount(text = '0'): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= previewMax) return count;
  throw new RangeError(`--preview takes a number of lines up to ${previewMax}`);
}
