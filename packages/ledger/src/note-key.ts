import { ed25519PublicKey, ed25519Sign, sha256 } from '#crypto';
import { assert } from '@causeway/kernel';

import { concat, decodeBase64, encodeBase64, utf8 } from './bytes.ts';
import { LedgerError } from './ledger-error.ts';

/**
 * What a key's signatures are (C2SP signed-note): of a note's text, or a witness's cosignature with its time.
 */
export const signatureTypes = { note: 1, cosignature: 4 } as const;

export type SignatureType = keyof typeof signatureTypes;

/** A key that verifies: its name, what it signs, and its 32 public bytes. Name and id mark its signatures. */
export interface NoteKey {
  readonly name: string;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
  /** Eight hexadecimal digits: the first four bytes of SHA-256 of name, newline, type and key. */
  readonly id: string;
}

/** A key that signs. It shows nothing of its secret. */
export interface NoteSigner {
  readonly key: NoteKey;
  /** The 64 byte Ed25519 signature of a message. */
  sign(message: Uint8Array): Uint8Array;
}

/**
 * The key with its id. Throws `malformed` for a name that no note can carry, and where it is not 32 bytes.
 */
export function noteKey(name: string, type: SignatureType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) {
    throw new LedgerError('malformed', 'A key name is not empty and has neither white space nor plus.');
  }
  if (publicKey.length !== 32) throw new LedgerError('malformed', 'An Ed25519 key has 32 bytes.');
  const hashed = concat(utf8(`${name}\n`), typedKey(type, publicKey));
  return { name, type, publicKey, id: hexOf(sha256(hashed).subarray(0, 4)) };
}

/** A signer from the 32 byte seed of an Ed25519 key (RFC 8032). */
export function noteSigner(name: string, type: SignatureType, seed: Uint8Array): NoteSigner {
  assert(seed.length === 32, 'an Ed25519 seed has 32 bytes');
  const secret = Uint8Array.from(seed);
  return {
    key: noteKey(name, type, ed25519PublicKey(secret)),
    sign: (message) => ed25519Sign(secret, message),
  };
}

/** The key as a verifier key: `name+id+base64(type, key)`, which other tools are configured with. */
export function formatVerifierKey({ name, id, type, publicKey }: NoteKey): string {
  return `${name}+${id}+${encodeBase64(typedKey(type, publicKey))}`;
}

/**
 * Reads a verifier key. Throws `malformed` for another form, another type, and an id that is not the key's.
 */
export function parseVerifierKey(text: string): NoteKey {
  const first = text.indexOf('+');
  const second = text.indexOf('+', first + 1);
  const bytes = second < 0 || text.length > 1024 ? null : decodeBase64(text.slice(second + 1));
  const type = typeOf(bytes?.[0]);
  if (bytes === null || type === undefined) {
    throw new LedgerError('malformed', 'A verifier key is name+id+base64, of an Ed25519 key or cosignature.');
  }
  const key = noteKey(text.slice(0, first), type, bytes.subarray(1));
  if (formatVerifierKey(key) !== text)
    throw new LedgerError('malformed', 'The key id is not that of the key.');
  return key;
}

/** True for what can stand as a key's name in a signature line. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\p{White_Space}\p{Cc}+]+$/u.test(name);
}

/** Bytes as lower-case hexadecimal. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function typedKey(type: SignatureType, publicKey: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(signatureTypes[type]), publicKey);
}

function typeOf(byte: number | undefined): SignatureType | undefined {
  if (byte === signatureTypes.note) return 'note';
  return byte === signatureTypes.cosignature ? 'cosignature' : undefined;
}
