import { Clients, accessesOf, sandboxSubject } from '@causeway/sandbox';
import { type Access, type LineProof, proveLines } from '@causeway/sdk';
import { EXIT } from '../exit-codes.ts';
import { type LedgersCompared, compareLedgers } from '../compare-ledgers.ts';
import { freshDirectory } from '../kept-directory-file.ts';
import type { CommandContext } from '../main.ts';
import { writeProofs } from '../proof-files.ts';
import { paint, type Terminal } from '../terminal.ts';
import { historyLines } from '../views/history-view.ts';
import { historySentences } from '../views/proof-view.ts';

/**
 * Shows a sandbox person who asked about them, refused attempts included; with --verify, that it is proven.
 */
export async function run(
  { terminal, home }: CommandContext,
  _args: string[],
  options: Record<string, string>,
): Promise<number> {
  const clients = Clients.open(home);
  const accesses = await accessesOf(clients, sandboxSubject(options['person'] ?? ''));
  for (const line of historyLines(accesses)) terminal.line(line);
  const folder = options['proofs'];
  if (options['verify'] === undefined && folder === undefined) {
    terminal.object({ accesses });
    return EXIT.ok;
  }
  const view = await freshDirectory(clients);
  const proofs = await proveLines(accesses, { view, nowMs: Date.now() });
  if (folder !== undefined) writeProofs(folder, proofs, view);
  return report(terminal, { accesses, proofs }, await compareLedgers(home, proofs, view));
}

/** So that nobody takes all lines that are shown for all that there are. */
const lateSentence = 'What a rule keeps from its subject for a time is not counted here before its day.';

interface Proven {
  readonly accesses: readonly Access[];
  readonly proofs: readonly LineProof[];
}

function report(terminal: Terminal, { accesses, proofs }: Proven, compared: LedgersCompared): number {
  const verdict = verdictOf(proofs, compared);
  const sentences = historySentences(proofs, compared);
  terminal.object({ accesses, verdict, lines: proofs.map(lineVerdict), ...compared, sentences });
  terminal.line();
  for (const sentence of sentences) terminal.line(paint(colours[verdict], sentence));
  terminal.line(lateSentence);
  return exits[verdict];
}

type Verdict = 'verified' | 'incomplete' | 'rejected';

const exits: Readonly<Record<Verdict, number>> = {
  verified: EXIT.ok,
  incomplete: EXIT.partial,
  rejected: EXIT.unverified,
};
const colours = { verified: 'green', incomplete: 'yellow', rejected: 'red' } as const;

/** Incomplete is what time or an answer may still complete; nothing about it is wrong. */
function verdictOf(proofs: readonly LineProof[], { broken, comparisons }: LedgersCompared): Verdict {
  const states = new Set(proofs.map(({ state }) => state));
  if (broken.length > 0 || states.has('failed') || states.has('overdue')) return 'rejected';
  const open = states.has('pending') || states.has('unreachable');
  return open || comparisons.some(({ against }) => against === 'unproven') ? 'incomplete' : 'verified';
}

/** A line's verdict, without what the line itself says. */
function lineVerdict(each: LineProof) {
  const { id, leaf, ledger } = each.line;
  const line = { id, leaf, ledger, state: each.state };
  if (each.state === 'failed') return { ...line, code: each.code };
  if (each.state !== 'proven') return line;
  const { index, size, witnessed, witnesses } = each.proven;
  return { ...line, index, size, witnessed, witnesses };
}
