import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { flipped, treeOf } from '@causeway/ledger/tree.fixture';
import { directoryWith, entryOf, now } from '@causeway/protocol/federation.fixture';
import { keepDirectory } from '@causeway/sdk';
import { checkpointOf, leafAt, ledgerDirectory, proofOf } from '@causeway/sdk/ledgers.fixture';
import type { VectorName } from '../../scripts/vectors/ledger-judges.ts';
import type { Values, VectorFile } from '../../scripts/vectors/vector.ts';
import type { Asked, AskedHistory, AskedProof, EdgeSignature } from './answers.ts';

const ROOT = join(import.meta.dirname, '../..');
const folder = join(ROOT, 'docs/protocol/vectors');
const read = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

/** A published vector and what it says of itself. */
export interface PublishedVector {
  readonly name: VectorName;
  readonly comment: string;
  readonly given: Values;
  readonly expected: object;
}

/** All published vectors of all files. */
export function publishedVectors(): PublishedVector[] {
  return readdirSync(folder).flatMap((file) => {
    const { common, vectors } = read<VectorFile>(join(folder, file));
    return vectors.map((vector) => ({
      name: file.replace('.json', '') as VectorName,
      comment: vector.comment,
      given: { ...common, ...vector.given },
      expected: 'refused' in vector ? { refused: vector.refused } : { shown: vector.shown },
    }));
  });
}

export const { vectors: edges } = read<{ vectors: EdgeSignature[] }>(
  join(ROOT, 'packages/ledger/vectors/ed25519-edges.json'),
);

const { anchor, view } = directoryWith(
  ['consumer', 'broker', 'central'].map((member) => {
    const { ledger_key, witness_key } = ledgerDirectory.member(member) ?? {};
    return entryOf(member, {
      ...(ledger_key ? { ledger_key } : {}),
      ...(witness_key ? { witness_key } : {}),
    });
  }),
);
/** A real directory with the ledgers of three members, signed under its root file; and the anchor. */
const directory = keepDirectory(view);
const trusted = { anchor, directory };
export { anchor, directory };

/** The tree of most proofs here, and its checkpoint with two cosignatures. */
export const tree = treeOf(300);
const checkpoint = checkpointOf('consumer', tree, ['broker', 'central']);
export const bytes = new TextEncoder().encode(proofOf(77, tree, checkpoint));
const base64 = (file: Uint8Array | string): string => Buffer.from(file).toString('base64');
const sound: AskedProof = { ...trusted, file: base64(bytes), leaf: leafAt(77) };
const young = proofOf(5, tree, checkpointOf('consumer', tree));
const ofBroker = proofOf(9, tree, checkpointOf('broker', tree, ['consumer', 'central']));

/** Title, what is asked, and 'shown' or the code of the refusal. */
export const proofCases: readonly (readonly [string, AskedProof, string])[] = [
  ['a witnessed proof', sound, 'shown'],
  ['one that is not witnessed yet', { ...sound, file: base64(young), leaf: leafAt(5) }, 'shown'],
  [
    'one of another ledger that is named',
    { ...sound, file: base64(ofBroker), leaf: leafAt(9), ledger: 'broker' },
    'shown',
  ],
  ['somebody else’s leaf', { ...sound, leaf: leafAt(78) }, 'proof_invalid'],
  ['a leaf that is no digest', { ...sound, leaf: 'sha-256:' }, 'malformed'],
  ['another ledger than expected', { ...sound, ledger: 'broker' }, 'origin_unexpected'],
  ['a member without a ledger', { ...sound, ledger: 'abc-bank' }, 'member_unknown'],
  ['no proof file', { ...sound, file: base64('hello') }, 'malformed'],
  ['nothing', { ...sound, file: '' }, 'malformed'],
  ['another anchor', { ...sound, anchor: directoryWith().anchor }, 'anchor_mismatch'],
  ['no directory', { ...sound, directory: '{}' }, 'directory_invalid'],
  [
    'a directory in which one letter was changed',
    { ...sound, directory: directory.replace('consumer Ltd', 'consumer Ltb') },
    'directory_invalid',
  ],
  [
    'a directory whose head was signed by nobody',
    { ...sound, directory: directory.replace(/("head":"[^"]*)....","entries"/u, '$1AAAA","entries"') },
    'signature_invalid',
  ],
];

/** The sound proof with one bit turned, at places all over the file. */
export const turnedBits: readonly AskedProof[] = Array.from({ length: 120 }, (_, n) => {
  const bit = Math.floor((n * bytes.length * 8) / 120) + (n % 8);
  return { ...sound, file: base64(flipped(bytes, bit)) };
});

const atMs = now * 1000;
const line = (
  n: number,
  change: Partial<AskedHistory['lines'][number]> = {},
): AskedHistory['lines'][number] => ({
  id: `line-${n}`,
  at: new Date(atMs).toISOString(),
  ...{
    lender: 'abc-bank',
    lender_name: 'abc-bank Ltd',
    purpose: 'LOAN_APPROVAL',
    categories: [],
    bureaus: [],
  },
  ...{ outcome: 'granted', inquiry: `sha-256:${'A'.repeat(43)}`, decided_by: 'consumer' },
  leaf: leafAt(n) as AskedHistory['lines'][number]['leaf'],
  ...{ ledger: 'consumer', proof: proofOf(n, tree, checkpoint) },
  ...change,
});

const lines = [
  line(1),
  line(2, { proof: proofOf(3, tree, checkpoint) }),
  line(9, { ledger: 'broker', proof: null, proof_absent: 'other_ledger' }),
  line(4, { proof: null, proof_absent: 'pending' }),
  line(5, { proof: null, proof_absent: 'pending', at: new Date(atMs - 61_000).toISOString() }),
  line(6, { ledger: 'abc-bank' }),
];

/** One history with a line of each kind, and what is to be found of each. */
const history: AskedHistory = { ...trusted, nowMs: atMs, lines, proofs: [[leafAt(9), ofBroker]] };
export const historyStates = ['proven', 'failed', 'proven', 'pending', 'overdue', 'failed'];

/** Everything that is asked, in node and in the page. */
export const asked: Asked = {
  vectors: publishedVectors().map(({ given, name }) => [name, given]),
  edges,
  proofs: [...proofCases.map(([, each]) => each), ...turnedBits],
  histories: [history, { ...history, anchor: directoryWith().anchor }],
};
