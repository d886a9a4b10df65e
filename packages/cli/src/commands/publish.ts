import { readFile } from 'node:fs/promises';
import { Clients } from '@causeway/sandbox';
import {
  type BatchResult,
  type FileCheck,
  type Publisher,
  checkPublication,
  fileTypes,
  readMapping,
} from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import { hashing, localFile, openRejectFile, percent } from '../local-file.ts';
import type { CommandContext } from '../main.ts';
import { checkLines } from '../views/check-view.ts';

type Digest = BatchResult['batch'];

/**
 * Publishes a file into a bureau's store. It is checked here first, so that a file that would be refused
 * whole is not sent; a bad line is rejected by itself, the others are taken. Killed and started again with
 * the same file, it goes on where the bureau is.
 */
export async function run(
  { terminal, home }: CommandContext,
  [path = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const text = await readFile(options['mapping'] ?? '', 'utf8');
  const content = readMapping(text);
  const file = await localFile(path, terminal);
  const read = hashing(file.open('checked'));
  const check = await checkPublication(text, read.chunks);
  const sha256 = read.sha256();
  const publisher = Clients.open(home).publisher(options['bureau'] ?? content.bureau);
  const mapping = await publisher.mapping(text);
  const source = { sha256, bytes: file.bytes, open: () => file.open('sent') };
  const result = await publisher.stream(mapping, fileTypes[content.format], source, ({ offset, bytes }) =>
    terminal.progress(`taken: ${percent(offset, bytes)}`),
  );
  const { rejectFile } = options;
  if (rejectFile !== undefined) {
    const lines = publisher.rejectedLines(result, { digest: mapping, content }, file.open('rejected lines'));
    await keep(lines, rejectFile);
  }
  terminal.progress('');
  const rejections = await firstRejections(publisher, result, mapping);
  terminal.object({ ...result, mapping, warned: check.warned, rules: check.rules, rejections });
  for (const line of checkLines(asTaken(check, result))) terminal.line(line);
  terminal.line(`about ${result.subjects} subjects; batch ${result.batch}`);
  return result.rejected > 0 ? EXIT.partial : EXIT.ok;
}

async function keep(lines: ReturnType<Publisher['rejectedLines']>, path: string): Promise<void> {
  const rejects = openRejectFile(path);
  try {
    for await (const line of lines) rejects.write(line);
  } finally {
    rejects.close();
  }
}

const firstRejections = async (publisher: Publisher, { batch, rejected }: BatchResult, mapping: Digest) =>
  rejected > 0 ? await publisher.rejections(batch, mapping) : [];

/** The bureau's counts, with the rules that this machine found by the same mapping. */
function asTaken(check: FileCheck, { lines, accepted, rejected }: BatchResult): FileCheck {
  return { ...check, lines, accepted, rejected };
}
