import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemRandom } from '@causeway/kernel/system';
import type { Digest } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { generateKey, kidOf } from '@causeway/protocol/keys';
import { type RootFile, readRootPayload } from '@causeway/protocol/root';
import { verifyRoot } from '@causeway/protocol/root-chain';
import { createLog } from '@causeway/service/log';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRootFiles, readRootFiles } from '../directory/root-files.ts';
import { chooseDirectoryKey, readSigningFolder } from '../directory/signing-folder.ts';
import { readPrivateJwk } from '../keys.ts';
import { ceremony } from './ceremony.ts';
import { type RootChange, proposeRoot, publishRoot, signProposal, useDirectoryKey } from './next-root.ts';

let dir: string;
let anchor: Digest;
const found = (quorum: { rootKeys?: number; threshold?: number } = {}): void => {
  const urls = { publicUrl: 'http://localhost:7100', federationUrl: 'https://localhost:8100' };
  const options = { dir, fed: 'test-fed', member: 'authority', ...urls, hosts: [], officers: [], ...quorum };
  ({ anchor } = ceremony(options, systemClock, systemRandom));
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-root-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const propose = (change: RootChange): RootFile => proposeRoot(dir, change, systemClock, systemRandom);
const keyAt = (name: string) => readPrivateJwk(join(dir, 'offline', name));
const newest = () => verifyRoot(readRootFiles(dir), anchor, systemClock.now());
const nowS = (): number => Math.floor(systemClock.now() / 1000);
const signing = (): string | undefined =>
  chooseDirectoryKey(readSigningFolder(join(dir, 'directory-signer'), 'authority'), newest(), nowS())?.kid;
const kids = (): string[] => newest().keys.map((key) => kidOf(key.member, key.jwk));

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'done';
  } catch (error) {
    if (error instanceof CausewayError) return error.code;
    throw error;
  }
}

describe('S11 the next root file', () => {
  test('S11 new root keys and a new directory key, by the quorum of old and new', () => {
    found({ rootKeys: 3, threshold: 2 });
    const proposal = propose({ rootKeys: 3, threshold: 2, newDirectoryKey: true });
    const old = [keyAt('root.jwk'), keyAt('root-v1-2.jwk'), keyAt('root-v1-3.jwk')] as const;
    const young = [1, 2, 3].map((n) => keyAt(`root-v2-${n}.jwk`));
    const attempts: [string, RootFile][] = [
      ['signature_invalid', signProposal(dir, proposal, [old[0], ...young])],
      ['signature_invalid', signProposal(dir, proposal, [...old, ...young.slice(2)])],
    ];
    for (const [code, file] of attempts) expect(codeOf(() => publishRoot(dir, file))).toBe(code);
    expect(readRootFiles(dir)).toHaveLength(1);
    // One holder after another, each with a file of its own.
    let file = proposal;
    for (const key of [old[2], young[0], old[0], young[1]]) {
      file = signProposal(dir, file, key === undefined ? [] : [key]);
    }
    expect(publishRoot(dir, file).version).toBe(2);
    expect(newest().root_keys.map(({ x }) => x)).toEqual(young.map(({ x }) => x));
    expect(kids()).toHaveLength(2);
  });

  test('no other key signs it, and the first file cannot be replaced', () => {
    found();
    const proposal = propose({});
    expect(codeOf(() => signProposal(dir, proposal, [generateKey()]))).toBe('directory_invalid');
    expect(codeOf(() => publishRoot(dir, proposal))).toBe('directory_invalid');
    const signed = signProposal(dir, proposal, [keyAt('root.jwk')]);
    publishRoot(dir, signed);
    expect(codeOf(() => publishRoot(dir, signed))).toBe('directory_invalid');
    expect(readRootFiles(dir)).toHaveLength(2);
  });

  test('n: the signer keeps its key until it is told of the new one, which the root must name', () => {
    found();
    const [first = ''] = kids();
    const proposal = propose({ newDirectoryKey: true });
    const { keys } = readRootPayload(proposal);
    const second = kidOf('authority', keys[1]?.jwk ?? generateKey());
    expect(() => useDirectoryKey(dir, 'authority', second)).toThrow('does not name');
    publishRoot(dir, signProposal(dir, proposal, [keyAt('root.jwk')]));
    expect(signing()).toBe(first);
    expect(() => propose({ dropDirectoryKey: first })).toThrow('signs heads now');
    useDirectoryKey(dir, 'authority', second);
    expect(signing()).toBe(second);
    publishRoot(dir, signProposal(dir, propose({ dropDirectoryKey: first }), [keyAt('root.jwk')]));
    expect(kids()).toEqual([second]);
    expect(signing()).toBe(second);
    expect(() => useDirectoryKey(dir, 'authority', first)).toThrow('does not name');
    expect(() => propose({ dropDirectoryKey: first })).toThrow('does not name');
  });

  test('a key that the root names no more signs nothing, even if it was told to', () => {
    found();
    const [first = ''] = kids();
    useDirectoryKey(dir, 'authority', first);
    const folder = readSigningFolder(join(dir, 'directory-signer'), 'authority');
    const others = newest().keys.map((key) => ({ ...key, jwk: generateKey() }));
    expect(chooseDirectoryKey(folder, { ...newest(), keys: others }, nowS())).toBeUndefined();
  });
});

describe('the running authority', () => {
  test('serves the next version as soon as it is whole, and never one that does not follow', () => {
    found();
    let lines = '';
    const log = createLog({ name: 't', level: 'info', to: { write: (line) => void (lines += line) } });
    const roots = openRootFiles({ dir, anchor, log });
    const proposal = propose({});
    expect(roots.newest().version).toBe(1);
    publishRoot(dir, signProposal(dir, proposal, [keyAt('root.jwk')]));
    expect(roots.newest().version).toBe(2);
    expect(JSON.parse(roots.text())).toEqual(readRootFiles(dir)[1]);
    copyFileSync(join(dir, 'root-2.json'), join(dir, 'root-3.json'));
    expect(roots.newest().version).toBe(2);
    expect(lines).toMatch(/"event":"root_refused".*"version":3/u);
  });
});
