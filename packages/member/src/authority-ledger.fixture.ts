import { ledgerOrigin, witnessName } from '@causeway/ledger';
import type { NoteSigner } from '@causeway/ledger';
import { proofFile, signerOf } from '@causeway/ledger/proof-file.fixture';
import type { MemberEntry, Role } from '@causeway/protocol';
import { entryOf, fed } from '@causeway/protocol/federation.fixture';

const ledgerSigner = (member: string): NoteSigner => signerOf(ledgerOrigin(fed, member), 'note');
const witnessSigner = (member: string, seed?: string): NoteSigner =>
  signerOf(witnessName(fed, member), 'cosignature', seed);
const jwkOf = ({ key }: NoteSigner): NonNullable<MemberEntry['ledger_key']> => ({
  ...{ kty: 'OKP', crv: 'Ed25519' },
  x: Buffer.from(key.publicKey).toString('base64url'),
});

/** The entry of a node that keeps a ledger and cosigns. */
export function nodeEntry(member: string, role: Role, change: Partial<MemberEntry> = {}): MemberEntry {
  const trees = { ledger_key: jwkOf(ledgerSigner(member)), witness_key: jwkOf(witnessSigner(member)) };
  return { ...entryOf('lotus', { id: member, roles: [role], keys: [], ...trees }), ...change };
}

/** Another key that a member may cosign with. */
export const otherWitnessKey = (member: string) => jwkOf(witnessSigner(member, 'other'));

interface Made {
  readonly leaves: readonly string[];
  readonly leaf: string;
  /** Who cosigns; `<member>/other` with another key than its own. */
  readonly by: readonly string[];
  /** Whose ledger; the authority's where absent. */
  readonly ledger?: string;
  /** Whose key signs the checkpoint, where not the ledger's own. */
  readonly signer?: string;
}

/** A proof file as a ledger of the federation would serve it. */
export function ledgerProof({ ledger = 'authority', signer = ledger, by, ...tree }: Made): string {
  const origin = ledgerOrigin(fed, ledger);
  const cosigners = by.map((who) => {
    const [member = '', seed] = who.split('/');
    return witnessSigner(member, seed);
  });
  return proofFile({
    ...tree,
    origin,
    signer: signerOf(origin, 'note', ledgerOrigin(fed, signer)),
    by: cosigners,
  });
}
