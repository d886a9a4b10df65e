import { readFile } from 'node:fs/promises';
import { CausewayError, verifyEvidence } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import type { CommandContext } from '../main.ts';
import { isProofFile } from '../proof-files.ts';
import { paint, type Terminal } from '../terminal.ts';
import { errorView } from '../views/error-view.ts';
import { verifyProofFile } from './verify-proof.ts';

/**
 * Checks an evidence bundle with no service running, without an anchor nobody can say who signed it; or a
 * proof file.
 */
export async function run(
  context: CommandContext,
  [file = '']: string[],
  options: Record<string, string>,
): Promise<number> {
  const text = await readFile(file, 'utf8');
  if (isProofFile(text)) return await verifyProofFile(context, { file, text }, options);
  return await verifyBundle(context, text, options);
}

async function verifyBundle(
  { terminal }: CommandContext,
  bundle: string,
  options: Record<string, string>,
): Promise<number> {
  const roots = options['roots'] === undefined ? undefined : await rootsIn(options['roots']);
  try {
    const anchor = options['anchor'] as `sha-256:${string}` | undefined;
    return report(terminal, verifyEvidence(bundle, anchor, roots));
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    process.stderr.write(`${errorView(error)}\n`);
    terminal.object({ verdict: 'rejected', code: error.code });
    return EXIT.unverified;
  }
}

/** @throws Error in one sentence for a file that is no list */
async function rootsIn(file: string): Promise<unknown[]> {
  const roots: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (Array.isArray(roots)) return roots as unknown[];
  throw new Error(`${file} is no list of root files`);
}

function report(terminal: Terminal, evidence: ReturnType<typeof verifyEvidence>): number {
  const { checks, unproven, verdict } = evidence;
  terminal.object({ verdict, checks, unproven });
  for (const { name, ok, detail } of checks) {
    terminal.line(`${ok ? paint('green', 'ok') : paint('yellow', '--')} ${name}: ${detail}`);
  }
  if (verdict === 'verified') {
    terminal.line(paint('green', 'verified under the anchor'));
    return EXIT.ok;
  }
  if (verdict === 'unproven') {
    const of = `${unproven.length} of its statements`;
    terminal.line(paint('yellow', `not fully verified: ${of} without proof yet, the rest is in order`));
    return EXIT.partial;
  }
  terminal.line(paint('yellow', 'consistent, signer unknown: give --anchor to say whom you trust'));
  return EXIT.unverified;
}
