import type { MemberEntry } from '@causeway/protocol';
import { directoryWith, fed, memberKey, newKey, now } from '@causeway/protocol/federation.fixture';
import type { TestDirectory } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { PeerFailure, createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { ledgerProof, nodeEntry, otherWitnessKey } from './authority-ledger.fixture.ts';
import { createDirectoryClient } from './directory-client.ts';
import type { DirectoryClient } from './directory-client.ts';
import type { DirectorySource } from './directory-source.ts';

let server: TestDatabase;
let database: Database<unknown>;
let lines = '';
const log = createLog({ name: 't', level: 'info', to: { write: (line) => void (lines += line) } });
let skippedMs = 0;
const clock = { now: () => now * 1000, monotonic: () => performance.now() + skippedMs };
const patient = { timeout: 10_000, interval: 20 };

const authority = nodeEntry('authority', 'authority');
const nodes = [
  nodeEntry('consumer', 'consumer'),
  nodeEntry('broker', 'broker'),
  nodeEntry('lotus', 'bureau'),
];
/** Four nodes that cosign, and a bureau that does not. */
const first = directoryWith([authority, ...nodes]);
const next = (version: number, change: readonly MemberEntry[]): TestDirectory => {
  const rest = [authority, ...nodes].filter(({ id }) => !change.some((entry) => entry.id === id));
  return directoryWith([...rest, ...change], version, now - 20, first);
};
const key = memberKey(newKey('central').jwk, ['disclosure']);
/** One key more for a bureau. */
const more = next(8, [nodeEntry('central', 'bureau', { keys: [key] })]);
const mixed = next(8, [
  nodeEntry('central', 'bureau', { keys: [key] }),
  nodeEntry('lotus', 'bureau', { status: 'suspended' }),
]);

/** What the authority serves; tests change it. */
let head: TestDirectory;
let proof: (digest: string) => string | undefined;
const texts = new Map<string, string>();
const source: DirectorySource = {
  roots: async () => JSON.stringify([first.rootFile]),
  head: async () => ({ text: JSON.stringify({ head: head.head.jws }), etag: undefined }),
  entry: async (digest) => texts.get(digest) ?? '',
  proof: async (digest) => proof(digest),
  close: async () => undefined,
};

function offer(directory: TestDirectory): TestDirectory {
  directory.head.claims.entries.forEach(({ digest }, at) => texts.set(digest, directory.texts[at] ?? ''));
  return (head = directory);
}

/** What an honest ledger serves of a head, between two other leaves. */
const honest = (of: TestDirectory, by: readonly string[] = ['consumer', 'broker']): string =>
  ledgerProof({ leaves: [first.head.digest, of.head.digest, second.head.digest], leaf: of.head.digest, by });
const second = next(9, []);

const clients: DirectoryClient[] = [];
beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 't', log });
});
beforeEach(async () => {
  lines = '';
  skippedMs = 0;
  proof = () => undefined;
  const owner = createDatabase({ url: server.ownerUrl, name: 'owner', max: 1, log });
  await owner.pool.query('DELETE FROM directory_state');
  await owner.pool.query('DELETE FROM directory_entry');
  await owner.close();
  offer(first);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => await client.stop()));
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

async function node(from: DirectorySource = source, proofWaitMs = 0): Promise<DirectoryClient> {
  const parts = { fed, clock, log, db: database.db, anchor: first.anchor, pollMs: 3_600_000, proofWaitMs };
  const client = createDirectoryClient({ ...parts, authorityUrl: 'http://localhost:1', source: from });
  clients.push(client);
  await client.start();
  return client;
}

const stored = async (): Promise<unknown[]> =>
  (await database.pool.query<{ version: number }>('SELECT version::int AS version FROM directory_state'))
    .rows;
const entriesStored = async (): Promise<number | null> =>
  (await database.pool.query('SELECT FROM directory_entry')).rowCount;
const keysOf = (client: DirectoryClient, member = 'central') => client.view().member(member)?.keys ?? [];

describe('a directory that adds', () => {
  test('S32 the first one ever is anchored by the root file alone', async () => {
    expect((await node()).view().version).toBe(7);
  });

  test('S32 is adopted when the ledger shows it, and not before, without another poll', async () => {
    const client = await node();
    offer(more);
    await client.refresh();
    expect([client.view().version, keysOf(client), client.proven()]).toEqual([7, [], true]);
    expect(await stored()).toEqual([{ version: 7 }]);
    expect(lines).toMatch(/"event":"directory_unproven".*"version":8,"known_version":7/u);
    proof = (digest) => (digest === more.head.digest ? honest(more) : undefined);
    await vi.waitFor(() => expect(client.view().version).toBe(8), patient);
    expect(keysOf(client)).toHaveLength(1);
    expect(await stored()).toEqual([{ version: 8 }]);
    expect(lines).not.toContain('"alarm":true');
    // What was proven before it was stored needs no proof after a restart.
    proof = () => undefined;
    expect((await node()).view().version).toBe(8);
  });

  test('S32 is waited for by who needs it now, and then that is refused', async () => {
    const client = await node(source, 1000);
    offer(more);
    const waiting = client.refresh(8);
    proof = () => honest(more);
    await waiting;
    expect(client.view().version).toBe(8);
    offer(next(9, [nodeEntry('central', 'bureau', { keys: [key], class: 'B' })]));
    await expect(client.refresh(9)).rejects.toMatchObject({ code: 'not_ready' });
    expect(client.view().version).toBe(8);
  });

  const stranger = directoryWith([], 8).head.digest;
  test.each<[string, string, () => string]>([
    ['of another head', 'proof_invalid', () => honest(second)],
    [
      'in another ledger',
      'origin_unexpected',
      () =>
        ledgerProof({
          leaves: [more.head.digest],
          leaf: more.head.digest,
          by: ['consumer'],
          ledger: 'broker',
        }),
    ],
    [
      'under another key',
      'signature_missing',
      () =>
        ledgerProof({
          ...{ leaves: [more.head.digest], leaf: more.head.digest, by: ['consumer', 'broker'] },
          signer: 'nobody',
        }),
    ],
    ['that is forged', 'proof_invalid', () => honest(more).replace(/^[^\n]{43}=$/mu, `${'A'.repeat(43)}=`)],
    ['that is none', 'malformed', () => '<html>'],
    [
      'with a cosignature that does not hold',
      'signature_invalid',
      () => honest(more).replace(/(broker\/witness .*)....\n/u, '$1AAAA\n'),
    ],
  ])(
    'S32 a proof %s is refused with an alarm, and nothing is adopted or stored',
    async (_what, code, make) => {
      const client = await node();
      offer(more);
      const before = await entriesStored();
      proof = make;
      await client.refresh();
      const refused = new RegExp(`"event":"directory_proof_refused".*"alarm":true.*"code":"${code}"`, 'u');
      expect(lines).toMatch(refused);
      expect(lines.match(/directory_proof_refused/gu)).toHaveLength(1);
      expect([client.view().version, keysOf(client), client.ready()]).toEqual([7, [], true]);
      expect([await stored(), await entriesStored()]).toEqual([[{ version: 7 }], before]);
    },
  );

  test.each([
    ['nobody', []],
    ['one witness', ['consumer']],
    ['the authority beside one', ['authority', 'consumer']],
    ['a witness and strangers', ['consumer', 'stranger', 'abc-bank']],
    ['a witness with another key than it had', ['consumer', 'broker/other']],
    ['members that only the offered one lists', ['central', 'consumer']],
  ])('S32 a proof cosigned by %s is none yet', async (_who, by) => {
    const client = await node();
    offer(more);
    proof = () => honest(more, by);
    await client.refresh();
    expect([client.view().version, keysOf(client)]).toEqual([7, []]);
    expect(await stored()).toEqual([{ version: 7 }]);
    expect(lines).not.toContain('"alarm":true');
  });

  test('S32 a digest that is nowhere, or an authority that is away, leaves the one before', async () => {
    const client = await node();
    offer(more);
    proof = () => {
      throw new PeerFailure('unreachable');
    };
    await client.refresh();
    proof = () => ledgerProof({ leaves: [stranger], leaf: stranger, by: ['consumer', 'broker'] });
    await client.refresh();
    expect(client.view().version).toBe(7);
  });

  test('S32 that stays without a proof for a minute is one alarm, and a detail of readiness', async () => {
    const client = await node();
    offer(more);
    await client.refresh();
    skippedMs = 61_000;
    const alarms = () => lines.match(/"event":"directory_unproven"[^\n]*"alarm":true/gu) ?? [];
    await vi.waitFor(() => expect(alarms()).toHaveLength(1), patient);
    expect([client.proven(), client.ready(), client.view().version]).toEqual([false, true, 7]);
    await client.refresh();
    expect(alarms()).toHaveLength(1);
    proof = () => honest(more);
    await vi.waitFor(() => expect(client.proven()).toBe(true), patient);
    expect(lines).toMatch(/"event":"directory_unproven"[^\n]*"alarm":false/u);
  });

  test('the authority needs no proof of what is in its own ledger', async () => {
    const client = await node({ ...source, proof: 'own' });
    offer(more);
    await client.refresh(8);
    expect(client.view().version).toBe(8);
  });
});

describe('a directory that takes away', () => {
  const less = next(8, [nodeEntry('lotus', 'bureau', { status: 'suspended' })]);

  test('S31 is obeyed at once, without a proof', async () => {
    const client = await node();
    offer(less);
    await client.refresh(8);
    expect(client.view().member('lotus')?.status).toBe('suspended');
    expect(await stored()).toEqual([{ version: 8 }]);
  });

  test('S31 S32 and adds too is obeyed at once in what it takes away, and in nothing else', async () => {
    const client = await node();
    let changes = 0;
    client.onChange(() => (changes += 1));
    offer(mixed);
    await client.refresh();
    expect([client.view().version, client.view().member('lotus')?.status]).toEqual([7, 'suspended']);
    expect([keysOf(client), await stored(), changes]).toEqual([[], [{ version: 7 }], 1]);
    await expect(client.take(mixed.head.jws)).rejects.toMatchObject({ code: 'not_ready' });
    // A process that starts again in between looks before it does anything.
    expect((await node()).view().member('lotus')?.status).toBe('suspended');
    proof = () => honest(mixed);
    await vi.waitFor(() => expect(client.view().version).toBe(8), patient);
    expect([client.view().member('lotus')?.status, keysOf(client)]).toEqual(['suspended', [key]]);
  });

  test('S32 whoever was suspended is not back without a proof', async () => {
    const client = await node();
    offer(less);
    await client.refresh(8);
    offer(second);
    await client.refresh();
    expect([client.view().version, client.view().member('lotus')?.status]).toEqual([8, 'suspended']);
    // By a suspended witness too: what it cosigned it saw.
    proof = () => honest(second, ['lotus', 'broker']);
    await vi.waitFor(() => expect(client.view().member('lotus')?.status).toBe('active'), patient);
  });
});

describe('the witnesses themselves', () => {
  const unable = { ...nodeEntry('lotus', 'bureau'), status: 'suspended' as const };
  const { witness_key: _gone, ...blind } = unable;
  const { witness_key: _too, ...mute } = nodeEntry('broker', 'broker');
  const fewer = next(8, [blind, mute]);

  test('S32 a federation that has too few yet grows without proofs, and then asks for them', async () => {
    const young = next(7, [blind, mute]);
    offer(young);
    const client = await node();
    offer(next(8, [blind]));
    await client.refresh(8);
    expect(client.view().version).toBe(8);
    offer(next(9, [nodeEntry('central', 'bureau', { keys: [key] })]));
    await client.refresh();
    expect(client.view().version).toBe(8);
  });

  test('S32 too few are left: obeyed in what that takes away, never held, also with a proof', async () => {
    const client = await node();
    offer(fewer);
    proof = () => honest(fewer);
    await client.refresh();
    await client.refresh();
    expect([client.view().version, await stored()]).toEqual([7, [{ version: 7 }]]);
    expect(client.view().member('lotus')?.status).toBe('suspended');
    expect(lines.match(/"event":"directory_witnesses_lost"[^\n]*"alarm":true/gu)).toHaveLength(1);
    // What would be added behind it is judged by the witnesses of before, and by no others.
    const after = next(9, [blind, mute, nodeEntry('central', 'bureau', { keys: [key] })]);
    offer(after);
    proof = () => honest(after, ['consumer', 'central']);
    await client.refresh();
    expect([client.view().version, keysOf(client)]).toEqual([7, []]);
    proof = () => undefined;
    offer(second);
    await client.refresh(9);
    expect(client.view().member('lotus')?.status).toBe('active');
  });

  test('S32 new keys of witnesses are judged by the old ones', async () => {
    const rotated = next(8, [nodeEntry('broker', 'broker', { witness_key: otherWitnessKey('broker') })]);
    const client = await node();
    offer(rotated);
    proof = () => honest(rotated, ['lotus', 'broker/other']);
    await client.refresh();
    expect(client.view().version).toBe(7);
    proof = () => honest(rotated, ['lotus', 'broker']);
    await vi.waitFor(() => expect(client.view().version).toBe(8), patient);
  });
});
