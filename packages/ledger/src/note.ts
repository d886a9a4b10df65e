import { ed25519Verify } from '#crypto';
import { assert } from '@causeway/kernel';

import { concat, decodeBase64, encodeBase64, textOf, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';
import { hexOf, isKeyName, type NoteKey, type NoteSigner } from './note-key.ts';

/**
 * Bounds of a received note. C2SP asks that 16 signatures pass, which may be of 5 kB each; nobody here needs more.
 */
export const noteLimits = { bytesMax: 131_072, signaturesMax: 16 } as const;

/** One signature line: whose it is by its own word, and the bytes that follow the key id. */
export interface NoteSignature {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** A signed note taken apart. Its text is to be believed only after a signature has been verified. */
export interface Note {
  /** Ends in a newline. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/**
 * Takes a signed note apart (C2SP signed-note). Throws `malformed` where it is no UTF-8, has a control character
 * other than newline, no blank line before its signatures, or no, too many or misspelt signatures.
 */
export function parseNote(received: Uint8Array | string): Note {
  const whole = textOf(received, noteLimits.bytesMax);
  const blank = whole.lastIndexOf('\n\n');
  if (blank < 0) throw new LedgerError('malformed', 'A note has a blank line before its signatures.');
  const text = whole.slice(0, blank + 1);
  checkText(text);
  return { text, signatures: parseSignatures(whole.slice(blank + 2)) };
}

/** The note as it is stored and sent: text, blank line, signature lines. */
export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${formatSignatures(signatures)}`;
}

/**
 * Reads signature lines without a note, as a witness answers them. Throws `malformed` where there is none, more
 * than 16, or one in another form.
 */
export function parseSignatures(received: Uint8Array | string): NoteSignature[] {
  const lines = textOf(received, noteLimits.bytesMax).split('\n');
  if (lines.pop() !== '' || lines.length === 0) {
    throw new LedgerError('malformed', 'A note ends with one or more signature lines.');
  }
  if (lines.length > noteLimits.signaturesMax) {
    throw new LedgerError('malformed', 'A note carries at most 16 signatures.');
  }
  return lines.map(parseSignature);
}

/** Signature lines, each with its newline. */
export function formatSignatures(signatures: readonly NoteSignature[]): string {
  return signatures.map(formatSignature).join('');
}

/** Signs a text that ends in a newline, with keys of the type `note`. Throws `malformed` for a text that no note has. */
export function signNote(text: string, signers: readonly NoteSigner[]): Note {
  checkText(textOf(text, noteLimits.bytesMax));
  const message = utf8(text);
  const signatures = signers.map(({ key, sign }) => {
    assert(key.type === 'note', 'a note is signed by a key for notes');
    return { name: key.name, id: key.id, bytes: sign(message) };
  });
  return { text, signatures };
}

/**
 * The keys of `known` that have signed the note. Signatures by others are ignored. Throws `signature_missing` where
 * none of them has, `signature_invalid` where one has not though a line says so.
 */
export function verifyNote(note: Note, known: readonly NoteKey[]): NoteKey[] {
  const message = utf8(note.text);
  const signed = known.filter((key) => {
    assert(key.type === 'note', 'a note is signed by a key for notes');
    const own = signaturesBy(note, key);
    for (const { bytes } of own) {
      if (!ed25519Verify(key.publicKey, message, bytes)) throw new LedgerError('signature_invalid');
    }
    return own.length > 0;
  });
  if (signed.length === 0) throw new LedgerError('signature_missing');
  return signed;
}

/** The lines that claim to be by a key: both its name and its id are theirs. */
export function signaturesBy(note: Note, key: NoteKey): NoteSignature[] {
  return note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
}

function parseSignature(line: string): NoteSignature {
  const [mark, name = '', base64 = '', ...rest] = line.split(' ');
  const bytes = decodeBase64(base64);
  if (mark !== '—' || rest.length > 0 || !isKeyName(name) || bytes.length < 5) {
    throw new LedgerError('malformed', 'A signature line is a dash, a key name, and a key id and signature.');
  }
  return { name, id: hexOf(bytes.subarray(0, 4)), bytes: bytes.slice(4) };
}

function formatSignature({ name, id, bytes }: NoteSignature): string {
  const idBytes = Uint8Array.from({ length: 4 }, (_, at) =>
    Number.parseInt(id.slice(2 * at, 2 * at + 2), 16),
  );
  return `— ${name} ${encodeBase64(concat(idBytes, bytes))}\n`;
}

function checkText(text: string): void {
  const sound = text.endsWith('\n') && !/[\u0000-\u0009\u000b-\u001f]/u.test(text);
  if (!sound) {
    throw new LedgerError('malformed', 'A note is text without control characters that ends in a newline.');
  }
}
