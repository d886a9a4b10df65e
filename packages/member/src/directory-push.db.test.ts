import { CausewayError } from '@causeway/protocol';
import type { DirectoryView, MemberEntry } from '@causeway/protocol';
import { directoryWith, entryOf, fed, now } from '@causeway/protocol/federation.fixture';
import type { TestDirectory } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, hotTransaction, transaction } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { createDirectoryClient } from './directory-client.ts';
import type { DirectoryClient } from './directory-client.ts';
import type { DirectorySource } from './directory-source.ts';
import { adoptedVersion, checkActiveMember } from './status-check.ts';
import { batchStatus } from './status-lock.ts';

let server: TestDatabase;
let database: Database<unknown>;
const log = createLog({ name: 't', level: 'silent' });
const clock = { now: () => now * 1000, monotonic: () => performance.now() };
/** Heads of one federation: the fixture makes a root at each call, so both come from one. */
const first = directoryWith();
const clients: DirectoryClient[] = [];
let polls = 0;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: server.url, name: 't', log });
});
beforeEach(async () => {
  polls = 0;
  await owner('DELETE FROM directory_state');
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => await client.stop()));
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

async function owner(text: string): Promise<void> {
  const asOwner = createDatabase({ url: server.ownerUrl, name: 'owner', max: 1, log });
  await asOwner.pool.query(text);
  await asOwner.close();
}

/** The authority's pages; its head can be held back, and entries of both versions are there. */
function pages(served: TestDirectory, more: readonly TestDirectory[] = []): DirectorySource {
  const texts = new Map(
    [served, ...more].flatMap(({ head, texts: all }) =>
      head.claims.entries.map(({ digest }, at): [string, string] => [digest, all[at] ?? '']),
    ),
  );
  return {
    roots: async () => JSON.stringify([served.rootFile]),
    head: async () => {
      polls += 1;
      return { text: JSON.stringify({ head: served.head.jws }), etag: undefined };
    },
    entry: async (digest) => texts.get(digest) ?? '',
    proof: async () => undefined,
    close: async () => undefined,
  };
}

async function node(
  source: DirectorySource,
  options: { atPoll?: () => Promise<void>; pollMs?: number } = {},
) {
  const parts = {
    fed,
    clock,
    log,
    db: database.db,
    anchor: first.anchor,
    authorityUrl: 'http://localhost:1',
  };
  const client = createDirectoryClient({ ...parts, source, pollMs: 3_600_000, ...options });
  clients.push(client);
  await client.start();
  return client;
}

const statusOf = (view: DirectoryView, member = 'evergreen'): MemberEntry['status'] | undefined =>
  view.member(member)?.status;

/** The next version under the same root, with one member suspended. */
const second = directoryWith([entryOf('evergreen', { status: 'suspended' })], 8, now - 20, first);

describe('a head that the authority sends', () => {
  test('S31 is adopted at once, without a poll, and kept', async () => {
    const client = await node(pages(first, [second]));
    const before = polls;
    expect(statusOf(await client.take(second.head.jws))).toBe('suspended');
    expect([statusOf(client.view()), polls]).toEqual(['suspended', before]);
    const again = await node(pages(first, [second]));
    expect(again.view().version).toBe(8);
  });

  test('an older one changes nothing: the newer holds', async () => {
    const client = await node(pages(second, [first]));
    expect((await client.take(first.head.jws)).version).toBe(8);
    expect(client.view().version).toBe(8);
  });

  test('S32 one under another root is refused, and nothing is stored', async () => {
    const client = await node(pages(first, [second]));
    const strange = directoryWith([entryOf('evergreen', { status: 'suspended' })], 9).head.jws;
    await expect(client.take(strange)).rejects.toBeInstanceOf(CausewayError);
    expect(client.view().version).toBe(7);
    expect((await database.pool.query('SELECT version FROM directory_state')).rows).toEqual([{ version: 7 }]);
  });
});

describe('two processes of one node', () => {
  test('S31 the one that is behind does not release, and catches up from the database', async () => {
    const [one, other] = [await node(pages(first, [second])), await node(pages(first, [second]))];
    await one.take(second.head.jws);
    const look = async (view: DirectoryView, member: string) =>
      await transaction(database.db, async (trx) =>
        checkActiveMember(view, member, await adoptedVersion(trx)),
      );
    await expect(look(other.view(), 'abc-bank')).rejects.toMatchObject({ code: 'not_ready' });
    const before = polls;
    await other.refresh(8);
    expect(polls).toBe(before);
    await expect(look(other.view(), 'abc-bank')).resolves.toBeUndefined();
    await expect(look(other.view(), 'evergreen')).rejects.toMatchObject({ code: 'member_suspended' });
    await expect(look(other.view(), 'nobody')).rejects.toMatchObject({ code: 'member_unknown' });
  });

  test('a batch learns the adopted version beside its stops', async () => {
    await node(pages(first));
    const asked = [{ subjectRef: 'x', consent: null }];
    const status = await hotTransaction(database.pool, async (trx) => await batchStatus(trx, asked));
    expect(status).toEqual({ stopped: [undefined], sequences: [undefined], directoryVersion: 7 });
    expect(() => checkActiveMember(first.view, 'abc-bank', 7)).not.toThrow();
    expect(() => checkActiveMember(first.view, 'abc-bank', 8)).toThrow('not_ready');
  });
});

test('S91 the clock is compared at each poll, also where the poll itself fails', async () => {
  let compared = 0;
  const failing: DirectorySource = {
    ...pages(first),
    head: async () => {
      throw new CausewayError('unavailable');
    },
  };
  const atPoll = async (): Promise<void> => void (compared += 1);
  await node(failing, { atPoll, pollMs: 5 });
  expect(compared).toBe(1);
  await vi.waitFor(() => expect(compared).toBeGreaterThan(2));
});
