import {
  cosign,
  digestOf,
  formatCheckpoint,
  formatNote,
  formatProof,
  inclusionProof,
  ledgerOrigin,
  noteSigner,
  rootOf,
  signNote,
  witnessName,
} from '@causeway/ledger';
import { entryAt, type treeOf } from '@causeway/ledger/tree.fixture';
import type { LedgerDirectory, MemberEntry, PublicJwk, Role } from '@causeway/protocol';
import { entryOf, fed } from '@causeway/protocol/federation.fixture';

type Tree = ReturnType<typeof treeOf>;

const roles = { authority: 'authority', consumer: 'consumer', broker: 'broker', central: 'bureau' } as const;
const members = Object.keys(roles) as (keyof typeof roles)[];

const seedOf = (of: string): Uint8Array =>
  new Uint8Array(32).fill([...of].reduce((n, c) => n + c.charCodeAt(0), 0));
const ledgerSigner = (member: string) => noteSigner(ledgerOrigin(fed, member), 'note', seedOf(`l${member}`));
const witnessSigner = (member: string) =>
  noteSigner(witnessName(fed, member), 'cosignature', seedOf(`w/${member}`));

const jwkOf = (bytes: Uint8Array): PublicJwk => ({
  ...{ kty: 'OKP', crv: 'Ed25519' },
  x: Buffer.from(bytes).toString('base64url'),
});

const entries = new Map<string, MemberEntry>(
  members.map((member) => [
    member,
    {
      ...entryOf('consumer'),
      ...{ id: member, roles: [roles[member]] },
      ledger_key: jwkOf(ledgerSigner(member).key.publicKey),
      witness_key: jwkOf(witnessSigner(member).key.publicKey),
    },
  ]),
);

/** Four nodes with ledgers and witness keys, as a verified directory has them. */
export const ledgerDirectory: LedgerDirectory = {
  fed,
  member: (id) => entries.get(id),
  membersWith: (role: Role) => [...entries.values()].filter((entry) => entry.roles.includes(role)),
};

/** The digest of the nth leaf. */
export const leafAt = (n: number): string => digestOf(entryAt(n));

/** A checkpoint of a member's ledger, cosigned by others at 1,790,000,000 s and each a second later. */
export function checkpointOf(member: string, { frontier }: Tree, by: readonly string[] = []): string {
  const signer = ledgerSigner(member);
  const head = { origin: signer.key.name, size: frontier.size, root: rootOf(frontier), extensions: [] };
  const text = formatCheckpoint(head);
  const note = signNote(text, [signer]);
  const lines = by.map((witness, at) => cosign(text, witnessSigner(witness), 1_790_000_000 + at));
  return formatNote({ ...note, signatures: [...note.signatures, ...lines] });
}

/** The proof file of the nth leaf. */
export function proofOf(n: number, tree: Tree, checkpoint: string): string {
  const hashes = inclusionProof(n, tree.frontier.size, tree.read);
  return formatProof({ extra: null, index: n, hashes, checkpoint });
}
