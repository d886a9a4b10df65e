import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:http';

import type { Clock, Random } from '@causeway/kernel';
import { systemRandom } from '@causeway/kernel/system';
import {
  entryDigest,
  generateKey,
  rootFingerprint,
  sign,
  signRoot,
  signingKeyFromJwk,
} from '@causeway/protocol';
import type { MemberEntry, PrivateJwk, RootPayload } from '@causeway/protocol';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { createDirectoryClient } from './directory-client.ts';
import type { DirectoryClient } from './directory-client.ts';

const fed = 'sandbox';
const start = Date.UTC(2026, 5, 1, 12);
let now = start;
const clock: Clock = { now: () => now, monotonic: () => now };
const random: Random = systemRandom;
const rootKey = generateKey();
const headKey = generateKey();

interface Served {
  roots: string;
  head: string | undefined;
  etag: string;
  entries: Map<string, string>;
}
let served: Served;
let down = false;
const requests: string[] = [];
let authority: Server;
let authorityUrl: string;
let postgres: TestDatabase;
let database: Database<unknown>;
let lines = '';
const log = createLog({ name: 't', level: 'info', to: { write: (line) => void (lines += line) } });

const publicPart = ({ kty, crv, x }: PrivateJwk) => ({ kty, crv, x });
const rootPayload = (more: Partial<RootPayload> = {}): RootPayload => ({
  v: 1,
  fed,
  version: 1,
  threshold: 1,
  root_keys: [publicPart(rootKey)],
  keys: [{ use: 'directory', member: 'authority', jwk: publicPart(headKey), from: 0 }],
  ca: [],
  issued_at: start / 1000,
  expires_at: start / 1000 + 86_400 * 365,
  ...more,
});
const rootFile = signRoot(rootPayload(), [rootKey]);
const anchor = rootFingerprint(rootFile);

const entryOf = (id: string, more: Partial<MemberEntry> = {}): string =>
  JSON.stringify({
    v: 1,
    id,
    legal_name: id,
    roles: ['lender'],
    class: 'A',
    jurisdiction: 'CN',
    status: 'active',
    keys: [],
    endpoints: {},
    certificates: [],
    ...more,
  } satisfies MemberEntry);

function headOf(version: number, entries: string[], key = headKey, federation = fed): string {
  const signer = { key: signingKeyFromJwk('authority', key), fed: federation, clock, random };
  const claims = {
    aud: 'all' as const,
    exp: Math.floor(now / 1000) + 600,
    version,
    statement_versions: [1],
    policy: { version: 'cn-2026.1', digest: entryDigest('policy') },
    entries: entries.map((text) => ({
      member: (JSON.parse(text) as MemberEntry).id,
      digest: entryDigest(text),
    })),
  };
  return sign('directory', claims, signer).jws;
}

function publish(version: number, entries: string[], more: Partial<Served> = {}): void {
  const texts = new Map(entries.map((text): [string, string] => [entryDigest(text), text]));
  served = {
    roots: JSON.stringify([rootFile]),
    head: headOf(version, entries),
    etag: `"${version}"`,
    entries: texts,
    ...more,
  };
}

beforeAll(async () => {
  authority = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    requests.push(path);
    if (down) {
      response.writeHead(503).end();
    } else if (path === '/roots') {
      response.end(served.roots);
    } else if (path === '/directory' && request.headers['if-none-match'] === served.etag) {
      response.writeHead(304).end();
    } else if (path === '/directory') {
      response.writeHead(200, { etag: served.etag }).end(JSON.stringify({ head: served.head }));
    } else {
      const text = served.entries.get(path.slice('/directory/entries/'.length));
      response.writeHead(text === undefined ? 404 : 200).end(text);
    }
  });
  authority.listen(0, '127.0.0.1');
  await once(authority, 'listening');
  const address = authority.address();
  authorityUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
});
afterAll(() => authority.close());

const clients: DirectoryClient[] = [];
beforeEach(async () => {
  postgres = await testDatabase({ migrations: 'broker' });
  database = createDatabase({ url: postgres.url, name: 't', log });
  now = start;
  down = false;
  lines = '';
  requests.length = 0;
  publish(3, [entryOf('abc-bank')]);
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.stop()));
  await database.close();
  await postgres.drop();
});

async function started(more: { anchor?: typeof anchor; pollMs?: number } = {}): Promise<DirectoryClient> {
  const options = { authorityUrl, anchor, fed, clock, log, db: database.db, pollMs: 3_600_000, ...more };
  const client = createDirectoryClient(options);
  clients.push(client);
  await client.start();
  return client;
}

const codeOf = async (run: () => unknown): Promise<unknown> => {
  try {
    await run();
    return 'none';
  } catch (error) {
    return error instanceof Error ? Reflect.get(error, 'code') : error;
  }
};

describe('following', () => {
  test('takes the first directory, then a newer one, fetching only the entries it has not', async () => {
    const client = await started();
    expect([client.ready(), client.view().version, client.view().member('abc-bank')?.class]).toEqual([
      true,
      3,
      'A',
    ]);
    publish(4, [entryOf('abc-bank'), entryOf('evergreen')]);
    requests.length = 0;
    await client.refresh();
    expect(client.view().version).toBe(4);
    expect(requests.filter((path) => path.includes('entries'))).toEqual([
      `/directory/entries/${entryDigest(entryOf('evergreen'))}`,
    ]);
    expect(requests).not.toContain('/roots');
  });

  test('polls by itself and asks with the ETag it holds', async () => {
    const client = await started({ pollMs: 20 });
    publish(5, [entryOf('abc-bank', { status: 'suspended' })]);
    await vi.waitFor(() => expect(client.view().member('abc-bank')?.status).toBe('suspended'));
  });

  test('a node behind what it was shown fetches before acting, or is not ready', async () => {
    const client = await started();
    publish(6, [entryOf('abc-bank')]);
    await client.refresh(6);
    expect(client.view().version).toBe(6);
    requests.length = 0;
    await client.refresh(6);
    expect(requests).toEqual([]);
    expect(await codeOf(async () => client.refresh(7))).toBe('not_ready');
  });

  test('a head that keeps its ETag is fetched again before it expires', async () => {
    const client = await started();
    now += 400_000;
    publish(3, [entryOf('abc-bank')]);
    await client.refresh();
    now += 400_000;
    expect(client.ready()).toBe(true);
  });
});

describe('S30 past its expiry nothing is believed', () => {
  test('and all resumes by itself when the authority is back', async () => {
    const client = await started({ pollMs: 20 });
    down = true;
    now += 599_000;
    expect(client.ready()).toBe(true);
    now += 1000;
    expect(client.ready()).toBe(false);
    expect(await codeOf(() => client.view())).toBe('not_ready');
    publish(4, [entryOf('abc-bank')]);
    down = false;
    await vi.waitFor(() => expect(client.ready()).toBe(true));
  });

  test('a restart without the authority uses the stored directory, but not an expired one', async () => {
    await started();
    down = true;
    expect((await started()).view().version).toBe(3);
    now += 600_000;
    const late = await started();
    expect(late.ready()).toBe(false);
    expect(await codeOf(() => late.view())).toBe('not_ready');
  });

  test('without any directory a node starts, and is not ready', async () => {
    down = true;
    const client = await started();
    expect(client.ready()).toBe(false);
  });
});

describe('S32 never rolled back, never another', () => {
  test('an older directory is refused with an alarm, also after a restart', async () => {
    const client = await started();
    publish(2, [entryOf('abc-bank', { status: 'suspended' })]);
    await client.refresh();
    expect(client.view().version).toBe(3);
    expect(lines).toMatch(/"event":"directory_rollback".*"version":2,"known_version":3/u);
    lines = '';
    const again = await started();
    expect(again.view().version).toBe(3);
    expect(lines).toContain('directory_rollback');
  });

  test('an older directory is refused even when the newer stored one has expired', async () => {
    await started();
    now += 700_000;
    publish(2, [entryOf('abc-bank')]);
    const client = await started();
    expect(client.ready()).toBe(false);
    expect(lines).toContain('directory_rollback');
    publish(4, [entryOf('abc-bank')]);
    await client.refresh();
    expect(client.view().version).toBe(4);
  });

  test('S32 a directory of which an entry is missing is not believed', async () => {
    const client = await started();
    publish(9, [entryOf('evergreen')], { entries: new Map() });
    expect(await codeOf(async () => client.refresh())).toBe('unavailable');
    expect(client.view().version).toBe(3);
  });

  test('S30 an authority that is away is no attempt on the directory: it is told, and no alarm', async () => {
    const client = await started();
    down = true;
    expect(await codeOf(async () => client.refresh())).toBe('unavailable');
    expect(lines).not.toContain('"alarm":true');
    expect(client.ready()).toBe(true);
  });

  test.each([
    ['a head under another key', () => ({ head: headOf(9, [entryOf('abc-bank')], generateKey()) })],
    ['a head of another federation', () => ({ head: headOf(9, [entryOf('abc-bank')], headKey, 'other') })],
    [
      'a changed entry',
      () => ({
        entries: new Map([[entryDigest(entryOf('abc-bank', { class: 'D' })), entryOf('evergreen')]]),
      }),
    ],
    ['no head', () => ({ head: undefined })],
    [
      'a head with a flipped signature',
      () => ({ head: headOf(9, [entryOf('abc-bank')]).replace(/.{4}$/u, 'AAAA') }),
    ],
    [
      'an expired head',
      () => {
        now -= 700_000;
        const head = headOf(9, [entryOf('abc-bank')]);
        now += 700_000;
        return { head };
      },
    ],
  ])('S32 refused with an alarm: %s; the known one stays', async (_what, change) => {
    const client = await started();
    publish(9, [entryOf('abc-bank', { class: 'D' })], change());
    expect(await codeOf(async () => client.refresh())).not.toBe('none');
    expect(lines).toMatch(/"event":"directory_refused".*"alarm":true/u);
    expect([client.view().version, client.view().member('abc-bank')?.class]).toEqual([3, 'A']);
    const stored = await database.pool.query('SELECT version FROM directory_state');
    expect(stored.rows).toEqual([{ version: 3 }]);
  });

  test('a root file that is not the anchor’s is nobody’s', async () => {
    const strange = generateKey();
    const roots = JSON.stringify([signRoot(rootPayload({ root_keys: [publicPart(strange)] }), [strange])]);
    publish(9, [entryOf('abc-bank')], { roots });
    const client = await started();
    expect(client.ready()).toBe(false);
    expect((await database.pool.query('SELECT 1 FROM directory_state')).rowCount).toBe(0);
  });
});
