// What is asked of a verifier and what it answers; runs in node and in the page alike.
import * as ledgerCrypto from '@causeway/ledger/crypto-page';
import { unhex } from '@causeway/ledger/tree.fixture';
import * as protocolCrypto from '@causeway/protocol/crypto-page';
import type { Digest } from '@causeway/sdk';
import type * as Verifier from '@causeway/sdk/page';
import { ledgerJudges, type VectorName } from '../../scripts/vectors/ledger-judges.ts';
import { outcomeOf, type Outcome, type Values } from '../../scripts/vectors/vector.ts';

/** A signature at which implementations differ; all parts in hexadecimal. */
export interface EdgeSignature {
  readonly comment: string;
  readonly message: string;
  readonly publicKey: string;
  readonly signature: string;
}

/** A proof file under a directory that is opened under an anchor. */
export interface AskedProof {
  readonly directory: string;
  readonly anchor: Digest;
  /** Base64 of the file. */
  readonly file: string;
  readonly leaf: string;
  readonly ledger?: string;
}

export interface AskedHistory extends Pick<AskedProof, 'anchor' | 'directory'> {
  readonly nowMs: number;
  readonly lines: Parameters<typeof Verifier.verifyHistory>[0];
  /** Proofs of other ledgers, by leaf. */
  readonly proofs: readonly (readonly [string, string])[];
}

export interface Asked {
  readonly vectors: readonly (readonly [VectorName, Values])[];
  readonly edges: readonly EdgeSignature[];
  readonly proofs: readonly AskedProof[];
  readonly histories: readonly AskedHistory[];
}

/** What came of something: what was shown, or the code of the refusal. */
export type Answer = { readonly shown: unknown } | { readonly refused: string };

export interface Answers {
  readonly vectors: readonly Outcome[];
  /** Whether the page form of each package's crypto takes the signature. */
  readonly edges: readonly { readonly ledger: boolean; readonly protocol: boolean }[];
  readonly proofs: readonly Answer[];
  readonly histories: readonly Answer[];
}

/** All answers of a verifier, each as JSON can say it. */
export function answersOf(verifier: typeof Verifier, asked: Asked): Answers {
  return {
    vectors: asked.vectors.map(([name, given]) => outcomeOf(ledgerJudges[name], given)),
    edges: asked.edges.map(edgeAnswer),
    proofs: asked.proofs.map((proof) => answerOf(() => provenBy(verifier, proof))),
    histories: asked.histories.map((history) => answerOf(() => linesBy(verifier, history))),
  };
}

function provenBy(verifier: typeof Verifier, { anchor, directory, file, leaf, ledger }: AskedProof) {
  const view = verifier.openKeptDirectory(directory, anchor);
  const proof = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  return plain(verifier.verifyProof({ proof, leaf, ledger }, view));
}

function linesBy(verifier: typeof Verifier, { anchor, directory, lines, nowMs, proofs }: AskedHistory) {
  const view = verifier.openKeptDirectory(directory, anchor);
  const judged = verifier.verifyHistory(lines, new Map(proofs), { view, nowMs });
  return judged.map((each) => (each.state === 'proven' ? { ...each, proven: plain(each.proven) } : each));
}

const plain = <T extends { readonly root: Uint8Array }>(proven: T) => ({
  ...proven,
  root: Array.from(proven.root),
});

function edgeAnswer({ message, publicKey, signature }: EdgeSignature) {
  const [key, bytes, signed] = [unhex(publicKey), unhex(message), unhex(signature)];
  const latin1 = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return {
    ledger: ledgerCrypto.ed25519Verify(key, bytes, signed),
    protocol: protocolCrypto.ed25519Verify(protocolCrypto.ed25519Public(key), latin1, signed),
  };
}

/** Errors of the verifier have codes; one that has none is a defect and is thrown on. */
function answerOf(act: () => unknown): Answer {
  try {
    return { shown: act() };
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      return { refused: error.code };
    }
    throw error;
  }
}
