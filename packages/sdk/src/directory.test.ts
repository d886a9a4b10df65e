import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RootFile } from '@causeway/protocol';
import { generateKey, sign, signingKeyFromJwk } from '@causeway/protocol';
import {
  clockAt,
  directoryWith,
  fed,
  federation,
  nextRoot,
  now,
  publicPart,
  randomFrom,
} from '@causeway/protocol/federation.fixture';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Directory } from './directory.ts';

/** What the authority serves; undefined: it hangs up. */
let served: { head: { jws: string }; texts: readonly string[]; roots?: RootFile[] } | undefined;
let asked = 0;
let monotonicMs = 0;
let nowMs = now * 1000;

const server = createServer((request, response) => {
  asked += 1;
  const { texts, head } = served ?? { texts: [], head: undefined };
  const path = decodeURIComponent(request.url ?? '');
  const entry = federation.head.claims.entries.findIndex(({ digest }) => path.endsWith(digest));
  if (!head) response.destroy();
  else if (path === '/roots') response.end(JSON.stringify(served?.roots ?? [federation.rootFile]));
  else if (path === '/directory') response.end(JSON.stringify({ head: head.jws }));
  else response.end(texts[entry]);
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  served = federation;
  asked = 0;
  nowMs = now * 1000;
});

function directory(): Directory {
  const clock = { now: () => nowMs, monotonic: () => monotonicMs };
  const authorityUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Directory({ authorityUrl, anchor: federation.anchor, fed, clock });
}

test('a view is fetched once, and again when it is five seconds old', async () => {
  const client = directory();
  expect((await client.view()).version).toBe(7);
  const first = asked;
  await client.view();
  expect(asked).toBe(first);
  monotonicMs += 6000;
  await client.view();
  expect(asked).toBeGreaterThan(first);
});

test('S30 the view is kept while the authority is away, until it expires', async () => {
  const client = directory();
  await client.view();
  served = undefined;
  monotonicMs += 6000;
  expect((await client.view()).version).toBe(7);
  const tries = asked;
  expect((await client.view()).version).toBe(7);
  expect(asked).toBe(tries);
  nowMs = federation.view.expiresAtMs;
  await expect(client.view()).rejects.toMatchObject({ code: 'not_ready' });
});

test('without any view an authority that is away is an error', async () => {
  served = undefined;
  await expect(directory().view()).rejects.toMatchObject({ code: 'unavailable' });
});

test('S32 a directory by nobody we know, or under another anchor, is refused, the view kept', async () => {
  const client = directory();
  await client.view();
  served = { ...federation, head: directoryWith([], 8).head };
  monotonicMs += 6000;
  await expect(client.view()).rejects.toMatchObject({ name: 'CausewayError' });
  served = federation;
  monotonicMs += 6000;
  expect((await client.view()).version).toBe(7);
});

test('S11 S32 a rotated root is followed from the anchor, and never back', async () => {
  const client = directory();
  await client.view();
  const { rootFile, rootKey, texts } = federation;
  const key = generateKey();
  const named = { use: 'directory' as const, member: 'authority', jwk: publicPart(key), from: now - 60 };
  const second = nextRoot(rootFile, { keys: [named] }, [rootKey]);
  const by = (jwk: typeof key, version: number) =>
    sign(
      'directory',
      { ...federation.head.claims, version },
      {
        ...{ key: signingKeyFromJwk('authority', jwk), fed, clock: clockAt(now), random: randomFrom(4) },
      },
    );
  served = { texts, head: by(key, 8), roots: [rootFile, second] };
  monotonicMs += 6000;
  expect((await client.view()).version).toBe(8);
  served = { texts, head: directoryWith([], 9).head, roots: [rootFile] };
  monotonicMs += 6000;
  await expect(client.view()).rejects.toMatchObject({ code: 'directory_stale' });
  served = { texts, head: by(key, 9), roots: [rootFile] };
  monotonicMs += 6000;
  expect((await client.view()).version).toBe(9);
  served = { texts, head: by(generateKey(), 10), roots: [rootFile, second, second] };
  monotonicMs += 6000;
  await expect(client.view()).rejects.toMatchObject({ name: 'CausewayError' });
  served = { texts, head: by(key, 8), roots: [rootFile, second] };
  monotonicMs += 6000;
  await expect(client.view()).rejects.toMatchObject({ code: 'directory_stale' });
});
