import { readFile } from 'node:fs/promises';
import { verifyEvidence } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { paint } from '../terminal.ts';

/** Checks an evidence bundle with no service running. Without an anchor nobody can say who signed it. */
export async function run(
  { terminal }: CommandContext,
  [file = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const verdict = verifyEvidence(
    await readFile(file, 'utf8'),
    options['anchor'] as `sha-256:${string}` | undefined,
  );
  terminal.object(verdict);
  for (const { name, detail } of verdict.checks) terminal.line(`${paint('green', 'ok')} ${name}: ${detail}`);
  if (verdict.verdict === 'verified') {
    terminal.line(paint('green', 'verified under the anchor'));
    return EXIT.ok;
  }
  terminal.line(paint('yellow', 'consistent, signer unknown: give --anchor to say whom you trust'));
  return EXIT.unverified;
}
