import {
  cosign,
  encodeBase64,
  entryOf as leafEntry,
  formatCheckpoint,
  formatNote,
  formatProof,
  inclusionProof,
  ledgerOrigin,
  noteSigner,
  rootOf,
  signNote,
  witnessName,
  type NoteSigner,
} from '@causeway/ledger';
import { treeOver } from '@causeway/ledger/tree.fixture';
import { chain } from './chain.fixture.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { statementsIn, type LeafedStatement } from './evidence-statements.ts';
import { directoryWith, entryOf, fed, now, type TestDirectory } from './federation.fixture.ts';
import type { PublicJwk } from './keys.ts';
import type { MemberEntry } from './member-entry.ts';

/** Who runs a node, keeps a ledger and cosigns those of the others. */
export const nodes = ['authority', 'consumer', 'broker', 'central', 'lotus'] as const;

const seedOf = (text: string): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, at) => text.charCodeAt(at % text.length) + at);
export const ledgerSigner = (member: string): NoteSigner =>
  noteSigner(ledgerOrigin(fed, member), 'note', seedOf(`ledger ${member}`));
/** A member may have had another key before, or have one later. */
export const witnessSigner = (member: string, key = 1): NoteSigner =>
  noteSigner(witnessName(fed, member), 'cosignature', seedOf(`witness ${key} ${member}`));

const jwkOf = ({ key }: NoteSigner): PublicJwk => ({
  ...{ kty: 'OKP', crv: 'Ed25519' },
  x: Buffer.from(key.publicKey).toString('base64url'),
});

/** A member's entry with its keys for trees. */
export function nodeEntry(member: string, change: Partial<MemberEntry> = {}, witnessKey = 1): MemberEntry {
  const other: Partial<MemberEntry> = { id: 'authority', roles: ['authority'], keys: [] };
  return {
    ...(member === 'authority' ? { ...entryOf('consumer'), ...other } : entryOf(member)),
    ...{ ledger_key: jwkOf(ledgerSigner(member)) },
    ...{ witness_key: jwkOf(witnessSigner(member, witnessKey)) },
    ...change,
  };
}

/** A directory in which all nodes have ledgers, under the root of `ledgered` but for the first. */
export function ledgeredWith(
  change: readonly MemberEntry[],
  version: number,
  iat: number,
  before?: TestDirectory,
): TestDirectory {
  const entries = nodes.map((member) => change.find(({ id }) => id === member) ?? nodeEntry(member));
  return directoryWith(entries, version, iat, before);
}

export const ledgered = ledgeredWith([], 7, now - 30);

/** Who cosigned and when, in seconds. */
export type Seen = readonly (readonly [member: string, time_s: number, key?: number])[];

/** All nodes but the operator, a second after each other, the authority first. */
export const seenByAll = (ledger: string, from = now + 3): Seen =>
  nodes.filter((member) => member !== ledger).map((member, at) => [member, from + at]);

interface Grown {
  readonly checkpoint: string;
  /** The proof file of a leaf. */
  readonly proof: string;
  readonly leaf: Omit<EvidenceBundle['leaves'][number], 'checkpoint'>;
}

/** The leaf at an index of a ledger of these digests. */
export function grown(ledger: string, digests: readonly string[], index: number, seen: Seen): Grown {
  const { frontier, read } = treeOver(digests.map(leafEntry));
  const size = digests.length;
  const signer = ledgerSigner(ledger);
  const text = formatCheckpoint({ origin: signer.key.name, size, root: rootOf(frontier), extensions: [] });
  const lines = seen.map(([member, time_s, key]) => cosign(text, witnessSigner(member, key), time_s));
  const { signatures } = signNote(text, [signer]);
  const checkpoint = formatNote({ text, signatures: [...signatures, ...lines] });
  const hashes = inclusionProof(index, size, read);
  const digest = digests[index] as `sha-256:${string}`;
  return {
    checkpoint,
    proof: formatProof({ extra: null, index, hashes, checkpoint }),
    leaf: { digest, index, hashes: hashes.map(encodeBase64) },
  };
}

/** The statements, under the directory, with no leaf. */
export function bare(change: Partial<EvidenceBundle> = {}): EvidenceBundle {
  return {
    v: 2,
    fed,
    roots: [ledgered.rootFile],
    heads: [ledgered.head.jws],
    entries: [...ledgered.texts],
    consent: chain.consent.jws,
    inquiry: chain.inquiry.jws,
    grants: [chain.grant.jws, chain.lotusGrant.jws],
    disclosures: [chain.disclosure.jws, chain.lotusDisclosure.jws],
    report: chain.report.jws,
    leaves: [],
    checkpoints: [],
    ...change,
  };
}

type SeenOf = (statement: LeafedStatement) => Seen;

/** The proof file of each statement; what was seen by others at other times is in a checkpoint of its own. */
export function proofFiles(statements: readonly LeafedStatement[], seenOf: SeenOf): Map<string, Grown> {
  const ledgers = Map.groupBy(statements, ({ ledger }) => ledger);
  return new Map(
    statements.map((statement) => {
      const all = ledgers.get(statement.ledger) ?? [];
      const key = JSON.stringify(seenOf(statement));
      const size = all.findLastIndex((each) => JSON.stringify(seenOf(each)) === key) + 1;
      const digests = all.slice(0, size).map(({ digest }) => digest);
      const index = digests.indexOf(statement.digest);
      return [statement.digest, grown(statement.ledger, digests, index, seenOf(statement))];
    }),
  );
}

/** A bundle that verifies under the fixture's anchor: its statements, changed so, and then their leaves. */
export function bundle(
  change: Partial<EvidenceBundle> = {},
  seenOf: SeenOf = ({ ledger }) => seenByAll(ledger),
): EvidenceBundle {
  const statements = bare(change);
  const files = [...proofFiles(statementsIn(statements), seenOf).values()];
  const checkpoints = [...new Set(files.map(({ checkpoint }) => checkpoint))];
  const leaves = files.map(({ checkpoint, leaf }) => ({
    ...{ digest: leaf.digest, checkpoint: checkpoints.indexOf(checkpoint) },
    ...{ index: leaf.index, hashes: leaf.hashes },
  }));
  return { ...statements, leaves, checkpoints };
}
