import { equalBytes } from './bytes.ts';
import { openCheckpoint } from './checkpoint.ts';
import type { KnownLedger } from './checkpoint.ts';
import { verifyCosignatures } from './cosignature.ts';
import type { Findings } from './fsck-findings.ts';
import type { StoredCheckpoint } from './fsck-tile.ts';
import { LedgerError } from './ledger-error.ts';
import { parseNote, parseSignatures } from './note.ts';
import type { NoteKey } from './note-key.ts';
import type { Witness } from './tlog-proof.ts';

/** Whose signatures a ledger's checkpoints must and may carry. */
export interface Signers {
  readonly ledger: KnownLedger;
  readonly witnesses: readonly Witness[];
}

/**
 * Judges a stored checkpoint by itself: that its ledger signed it, that its row says what its note says, and
 * that each cosignature by a key of a known witness holds. True where the root is the ledger's word.
 */
export function judgeCheckpoint(
  row: StoredCheckpoint,
  { ledger, witnesses }: Signers,
  findings: Findings,
): boolean {
  const wrong = faultOf(row, ledger);
  if (wrong !== undefined) findings.add({ what: 'checkpoint', at: `${row.size}`, detail: wrong });
  for (const { witness, line } of row.cosignatures) {
    const keys = witnesses.filter(({ member }) => member === witness).map(({ key }) => key);
    if (keys.length === 0 || isOfAnother(line, keys)) continue;
    const holds = attempt(() => verifyCosignatures(parseNote(row.note + line), keys).length > 0);
    if (holds !== true) {
      findings.add({ what: 'cosignature', at: `${row.size} ${witness}`, detail: 'does not hold' });
    }
  }
  return wrong === undefined;
}

/**
 * A line by a key that the witness had before: nobody takes it for a cosignature any more, so there is
 * nothing to judge.
 */
function isOfAnother(line: string, keys: readonly NoteKey[]): boolean {
  const signatures = attempt(() => parseSignatures(line));
  if (signatures instanceof LedgerError) return false;
  return signatures.every(({ id, name }) => keys.some((key) => key.name === name && key.id !== id));
}

function faultOf({ size, root, note }: StoredCheckpoint, ledger: KnownLedger): string | undefined {
  const opened = attempt(() => openCheckpoint(note, ledger));
  if (opened instanceof LedgerError) return `its note is refused: ${opened.code}`;
  if (opened.size !== size) return 'its note says another size';
  return equalBytes(root, opened.root) ? undefined : 'its note says another root';
}

function attempt<T>(work: () => T): T | LedgerError {
  try {
    return work();
  } catch (error) {
    if (error instanceof LedgerError) return error;
    throw error;
  }
}
