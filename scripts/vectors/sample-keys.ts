import {
  cosign,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  noteSigner,
  signNote,
  type NoteSigner,
} from '@causeway/ledger';

import { rootOfNumbered } from './sample-tree.ts';

// Seeds are for everybody to see: nothing but vectors is signed with these keys.
const seed = (filled: number): Uint8Array => new Uint8Array(32).fill(filled);

export const origin = 'bureau.example/ledger';
export const ledgerSigner = noteSigner(origin, 'note', seed(1));
/** The same name under another key, and so with another id. */
export const strangeSigner = noteSigner(origin, 'note', seed(2));
export const ledger = { origin, ledger_keys: [formatVerifierKey(ledgerSigner.key)] };

const members = ['authority', 'broker', 'consumer', 'bureau', 'stranger'] as const;
export type Member = (typeof members)[number];

/** The key with which a member cosigns; the stranger is no witness that anybody knows. */
export function witnessSigner(member: Member): NoteSigner {
  return noteSigner(`${member}.example/witness`, 'cosignature', seed(10 + members.indexOf(member)));
}

export function witnessKey(member: Member): { member: Member; key: string } {
  return { member, key: formatVerifierKey(witnessSigner(member).key) };
}

export const witnesses = members.filter((member) => member !== 'stranger').map(witnessKey);
/** Whose ledger it is, and who the authority is. */
export const quorum = { operator: 'bureau', authority: 'authority' };

/** The checkpoint's text of the tree of numbered entries. */
export function checkpointText(size: number, extensions: readonly string[] = []): string {
  return formatCheckpoint({ origin, size, root: rootOfNumbered(size), extensions });
}

/** A checkpoint's text, signed by the ledger and cosigned by members, each a second after the one before. */
export function signedCheckpoint(text: string, by: readonly Member[] = [], signers = [ledgerSigner]): string {
  const { signatures } = signNote(text, signers);
  const cosignatures = by.map((member, at) => cosign(text, witnessSigner(member), 1_800_000_000 + at));
  return formatNote({ text, signatures: [...signatures, ...cosignatures] });
}
