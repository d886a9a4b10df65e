import {
  LedgerError,
  cosigners,
  formatNote,
  openCheckpoint,
  parseNote,
  witnessTime,
  type Note,
  type NoteKey,
} from '@causeway/ledger';
import type { DirectoryView } from './directory.ts';
import { CausewayError } from './errors.ts';
import { directoryAt } from './evidence-directories.ts';
import { ledgerTrust, type LedgerTrust } from './ledger-trust.ts';

/** A checkpoint that counts, with the time from which it did. */
export interface WitnessedCheckpoint {
  readonly size: number;
  /** Root hash, 32 bytes. */
  readonly root: Uint8Array;
  /** Seconds since the epoch: when its cosignatures first satisfied the quorum. */
  readonly time_s: number;
  /** The directory of that time, by which its keys count. */
  readonly view: DirectoryView;
  /** Whose entries that took. */
  readonly members: readonly string[];
}

/**
 * Opens a checkpoint of a bundle: the ledger's and the witnesses' keys count by the directory of the time
 * that the cosignatures say, and it has no line by anybody else and none twice: of what stands in a bundle,
 * all is verified. Which directory that is shows itself: under it, the time is its own.
 *
 * @param views newest first
 * @throws CausewayError `evidence_invalid`, its cause the LedgerError where there is one
 */
export function openWitnessed(
  checkpoint: string,
  ledger: string,
  views: readonly DirectoryView[],
): WitnessedCheckpoint {
  return underItsDirectory(ledger, views, (view, trust) => {
    const { note } = openCheckpoint(checkpoint, trust.ledger);
    checkLines(note, trust);
    return witnessed(checkpoint, view, trust);
  });
}

/**
 * A checkpoint as a bundle takes it, of one that a node serves: without the lines of keys that the directory
 * of its time does not have. Throws as `openWitnessed`.
 */
export function trimCheckpoint(
  served: string,
  ledger: string,
  views: readonly DirectoryView[],
): { readonly checkpoint: string; readonly size: number } {
  return underItsDirectory(ledger, views, (view, trust) => {
    const { signatures, text } = parseNote(served);
    const known = keysOf(trust).flatMap((key) => signatures.find((line) => isBy(line, key)) ?? []);
    if (known.length === 0) throw new LedgerError('signature_missing');
    const checkpoint = formatNote({ text, signatures: known });
    return { checkpoint, ...witnessed(checkpoint, view, trust) };
  });
}

function underItsDirectory<T extends { time_s: number }>(
  ledger: string,
  views: readonly DirectoryView[],
  open: (view: DirectoryView, trust: LedgerTrust) => T,
): T {
  let failure: LedgerError | undefined;
  for (const view of views.filter((each) => each.member(ledger)?.ledger_key !== undefined)) {
    try {
      const opened = open(view, ledgerTrust(view, ledger));
      if (directoryAt(views, opened.time_s) === view) return opened;
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      failure ??= error;
    }
  }
  throw failure === undefined ? noDirectory(ledger) : invalid(failure);
}

function witnessed(checkpoint: string, view: DirectoryView, trust: LedgerTrust): WitnessedCheckpoint {
  const { note, root, size } = openCheckpoint(checkpoint, trust.ledger);
  const by = cosigners(note, trust.witnesses);
  const time_s = witnessTime(by, trust.quorum);
  if (time_s === undefined) throw new LedgerError('quorum_missing');
  return { root, size, time_s, view, members: [trust.member, ...by.map(({ witness }) => witness)] };
}

function checkLines({ signatures }: Note, trust: LedgerTrust): void {
  const keys = keysOf(trust);
  const signers = signatures.map((line) => keys.findIndex((key) => isBy(line, key)));
  if (signers.includes(-1)) throw new LedgerError('signature_missing', 'A line is by no key that is known.');
  if (new Set(signers).size !== signers.length) throw new LedgerError('malformed', 'A key has signed twice.');
}

const keysOf = ({ ledger, witnesses }: LedgerTrust): NoteKey[] => [
  ...ledger.keys,
  ...witnesses.map(({ key }) => key),
];

const isBy = (line: { id: string; name: string }, key: NoteKey): boolean =>
  line.name === key.name && line.id === key.id;

function noDirectory(ledger: string): CausewayError {
  return new CausewayError('evidence_invalid', {
    pointer: '/heads',
    detail: `No directory here is of the time of the checkpoint of ${ledger}, or has its ledger.`,
  });
}

/** A fault in what a ledger signed, as a fault of the bundle. */
export function invalid(cause: LedgerError): CausewayError {
  return new CausewayError('evidence_invalid', { pointer: '/checkpoints', detail: cause.message, cause });
}
