import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sentBytes, type Sent, type VectorFile } from '../../scripts/vectors/vector.ts';
import { bytesOf, isSignature, leafHash, Refusal, verifyConsistency } from './verifier.mjs';

const PROGRAM = join(import.meta.dirname, 'verifier.mjs');
const ROOT = join(import.meta.dirname, '../..');
const home = mkdtempSync(join(tmpdir(), 'second-verifier-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const json = <T>(path: string): T => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as T;
const { common, vectors } = json<VectorFile>('docs/protocol/vectors/proofs.json');
const trustFile = join(home, 'trust.json');
writeFileSync(trustFile, JSON.stringify(common));

/** What the program says of a vector's proof, and its exit code. */
function run(comment: string, ...further: string[]): { said: string[]; status: number | null } {
  const vector = vectors.find((each) => each.comment === comment);
  if (!vector) throw new Error(`no vector is called ${comment}`);
  const proofFile = join(home, 'proof.txt');
  writeFileSync(proofFile, sentBytes(vector.given['proof'] as Sent));
  const done = spawnSync(process.execPath, [PROGRAM, proofFile, trustFile, ...further], { encoding: 'utf8' });
  return { said: done.stdout.trimEnd().split('\n'), status: done.status };
}

function holds(action: () => void): boolean {
  try {
    action();
    return true;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'proof_invalid') return false;
    throw error;
  }
}

describe('the program', () => {
  test('says in three sentences what a proof shows, and exits 0', () => {
    expect(run('a proof that two members have seen')).toEqual({
      said: [
        `${common['digest'] as string} is leaf 4 of the ledger bureau.example/ledger.`,
        'The ledger has signed for the tree of 7 leaves that holds it.',
        'That tree was seen by broker (at 1800000000) and consumer (at 1800000001), in seconds since 1970.',
      ],
      status: 0,
    });
  });

  test.each([
    ['a hash with a bit turned', 'proof_invalid'],
    ['a missing cosignature: by one member', 'quorum_missing'],
    ['by the operator and a member', 'quorum_missing'],
    ['a size that was not signed', 'signature_invalid'],
    ['an index with a leading zero', 'malformed'],
  ])('exits 6 and names the reason: %s', (comment, code) => {
    const { said, status } = run(comment);
    expect(status).toBe(6);
    expect(said).toHaveLength(3);
    expect(said[1]).toContain(`The reason is ${code}: `);
  });

  test('judges the digest that it is asked for, not the one that lies beside the trust', () => {
    const other = `sha-256:${'A'.repeat(43)}`;
    const { said, status } = run('a proof that two members have seen', other);
    expect(status).toBe(6);
    expect(said[0]).toContain(other);
  });

  test.each([[[]], [['absent.txt', 'absent.json']]])('shows nothing and exits 1 with %j', (args) => {
    const done = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8', cwd: home });
    expect(done).toMatchObject({ status: 1, stdout: '' });
  });

  test('is one file of fewer than 400 lines that imports nothing but Node', () => {
    const text = readFileSync(PROGRAM, 'utf8');
    expect(text.split('\n').length).toBeLessThan(401);
    expect([...text.matchAll(/from '([^']+)'|import\(/g)].map(([, from]) => from)).toEqual([
      'node:buffer',
      'node:crypto',
      'node:fs',
    ]);
  });
});

describe('what others made', () => {
  interface Edge {
    comment: string;
    message: string;
    publicKey: string;
    signature: string;
  }
  const edges = json<{ vectors: Edge[] }>('packages/ledger/vectors/ed25519-edges.json').vectors;

  test.each(edges)('Ed25519: $comment', ({ comment, publicKey, message, signature }) => {
    const [key, bytes, signed] = [publicKey, message, signature].map((each) => Buffer.from(each, 'hex'));
    const only = 'mixed key and R, the cofactorless equation holds';
    expect(key && bytes && signed && isSignature(key, bytes, signed)).toBe(comment === only);
  });

  interface Growth {
    comment: string;
    oldSize: number;
    newSize: number;
    oldRoot: string;
    newRoot: string;
    proof: string[];
    valid: boolean;
  }
  const growths = json<{ vectors: Growth[] }>('packages/ledger/vectors/consistency-proofs.json').vectors;
  const whole = growths.filter(({ oldRoot, newRoot }) => oldRoot.length === 44 && newRoot.length === 44);

  test.each(whole)('consistency: $comment (valid: $valid)', (vector) => {
    const { oldSize, newSize, proof, valid } = vector;
    const roots = { old_root: bytesOf(vector.oldRoot), new_root: bytesOf(vector.newRoot) };
    const claim = { old_size: oldSize, new_size: newSize, ...roots, proof: proof.map(bytesOf) };
    expect(holds(() => verifyConsistency(claim))).toBe(valid);
  });

  // RFC 6962 has no test data; this is the hash of the empty leaf that its readers know.
  test('the leaf without bytes', () => {
    expect(leafHash(new Uint8Array()).toString('hex')).toBe(
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    );
  });
});
