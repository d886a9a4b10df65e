import {
  appendLeaves,
  cosign,
  entryOf as leafEntry,
  formatCheckpoint,
  formatNote,
  formatProof,
  frontierOf,
  inclusionProof,
  leafHash,
  ledgerOrigin,
  noteSigner,
  rootOf,
  signNote,
  witnessName,
} from '@causeway/ledger';
import type { NoteSigner } from '@causeway/ledger';
import type { MemberEntry, Role } from '@causeway/protocol';
import { entryOf, fed } from '@causeway/protocol/federation.fixture';

const seedOf = (name: string): Uint8Array => {
  const seed = new Uint8Array(32);
  seed.set(Buffer.from(name));
  return seed;
};
const ledgerSigner = (member: string): NoteSigner =>
  noteSigner(ledgerOrigin(fed, member), 'note', seedOf(`l/${member}`));
const witnessSigner = (member: string, seed = `w/${member}`): NoteSigner =>
  noteSigner(witnessName(fed, member), 'cosignature', seedOf(seed));
const jwkOf = ({ key }: NoteSigner): NonNullable<MemberEntry['ledger_key']> => ({
  ...{ kty: 'OKP', crv: 'Ed25519' },
  x: Buffer.from(key.publicKey).toString('base64url'),
});

/** The entry of a node that keeps a ledger and cosigns. */
export function nodeEntry(member: string, role: Role, change: Partial<MemberEntry> = {}): MemberEntry {
  const trees = { ledger_key: jwkOf(ledgerSigner(member)), witness_key: jwkOf(witnessSigner(member)) };
  return { ...entryOf('lotus', { id: member, roles: [role], keys: [], ...trees }), ...change };
}

interface Made {
  /** All leaves of the tree, by digest. */
  readonly leaves: readonly string[];
  /** The one that is proven. */
  readonly leaf: string;
  /** Who cosigns; `<member>/<seed>` with another key than its own. */
  readonly by: readonly string[];
  /** Whose ledger; the authority's where absent. */
  readonly ledger?: string;
  /** Whose key signs the checkpoint, where not the ledger's own. */
  readonly signer?: string;
}

/** A proof file as a ledger would serve it. */
export function proofFile({ leaves, leaf, by, ledger = 'authority', signer = ledger }: Made): string {
  const hashes = leaves.map((digest) => leafHash(leafEntry(digest)));
  const { frontier, nodes } = appendLeaves(frontierOf(0, []), hashes);
  const known = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  const origin = ledgerOrigin(fed, ledger);
  const text = formatCheckpoint({ origin, size: leaves.length, root: rootOf(frontier), extensions: [] });
  const own = noteSigner(origin, 'note', seedOf(`l/${signer}`));
  const note = signNote(text, [own]);
  const lines = by.map((who) => {
    const [member = '', seed] = who.split('/');
    return cosign(text, witnessSigner(member, seed), 1_795_000_000);
  });
  const checkpoint = formatNote({ ...note, signatures: [...note.signatures, ...lines] });
  const index = leaves.indexOf(leaf);
  const path = inclusionProof(index, leaves.length, (level, at) => known.get(`${level}/${at}`));
  return formatProof({ extra: null, index, hashes: path, checkpoint });
}
