import { generateKey, kidOf, sign, signingKeyFromJwk } from '@causeway/protocol';
import type { DirectoryView, KeyEntry, MemberEntry, PrivateJwk } from '@causeway/protocol';
import { systemRandom } from '@causeway/kernel';
import type { NodeKeys } from '@causeway/service';
import { handClock, memoryLog } from '@causeway/service/shell.fixture';
import { beforeEach, describe, expect, test } from 'vitest';

import { nodeSigning } from './node-signing.ts';
import type { NodeSigning } from './node-signing.ts';

const clock = handClock();
const nowS = (): number => Math.floor(clock.now() / 1000);
const [old, young] = [generateKey(), generateKey()];
const kid = (jwk: PrivateJwk): string => kidOf('broker', jwk);

let folder: PrivateJwk[];
let entries: Map<string, KeyEntry> | undefined;
let signing: NodeSigning;
let lines: () => string;

beforeEach(() => {
  folder = [old];
  entries = new Map();
  enrol(old, -900);
  const log = memoryLog();
  ({ lines } = log);
  const keys = {
    held: () => ({ statements: folder.map((jwk) => signingKeyFromJwk('broker', jwk)), pairs: [] }),
  } as unknown as NodeKeys;
  const member = (): MemberEntry => ({ roles: ['broker'] }) as MemberEntry;
  const latest = () =>
    entries && ({ keys: (each: string) => entries?.get(each), member } as unknown as DirectoryView);
  signing = nodeSigning({ member: 'broker', keys, latest, clock, log: log.log });
});

function enrol(jwk: PrivateJwk, age: number, change: Partial<KeyEntry> = {}): void {
  const from = nowS() + age;
  const entry = { member: 'broker', jwk, use: ['report', 'ack', 'refusal'], from, ...change };
  entries?.set(kid(jwk), { ...entry, member_status: 'active' });
}

const signedBy = (): string => {
  const claims = { aud: 'consumer', exp: nowS() + 60, status: `sha-256:${'A'.repeat(43)}`, tree_size: 1 };
  const by = { key: signing, fed: 'sandbox', clock, random: systemRandom };
  const { jws } = sign('ack', { ...claims, status: claims.status as `sha-256:${string}` }, by);
  return (JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid;
};

describe('S11 a node signs', () => {
  test('S11 with the key that the directory says, statement by statement, in any copy of a context', () => {
    const copy = { ...{ key: signing } };
    expect(signedBy()).toBe(kid(old));
    folder = [old, young];
    expect(signedBy()).toBe(kid(old));
    enrol(young, 0);
    expect(signedBy()).toBe(kid(old));
    clock.advance(12_000);
    expect(signedBy()).toBe(kid(young));
    expect(copy.key.for('ack').kid).toBe(kid(young));
    enrol(young, -60, { revoked_at: nowS() });
    expect(signedBy()).toBe(kid(old));
  });

  test('nothing without a key that may, and nothing before it has a directory', () => {
    expect(() => signing.for('grant')).toThrow('not_ready');
    enrol(old, -900, { revoked_at: nowS() });
    expect(() => signing.for('ack')).toThrow('not_ready');
    entries = undefined;
    expect(() => signing.for('ack')).toThrow('not_ready');
  });

  test('and the log says once which key it is', () => {
    for (let n = 0; n < 3; n += 1) signing.tell();
    expect(lines().split('"event":"signing_key"')).toHaveLength(2);
    folder = [old, young];
    enrol(young, -60);
    signing.tell();
    expect(lines()).toContain(`"digest":"${kid(young)}"`);
  });
});
