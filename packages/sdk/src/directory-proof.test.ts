import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ledgerOrigin, witnessName } from '@causeway/ledger';
import { proofFile, signerOf } from '@causeway/ledger/proof-file.fixture';
import type { DirectoryView, MemberEntry, Role } from '@causeway/protocol';
import { directoryWith, entryOf, fed, memberKey, newKey, now } from '@causeway/protocol/federation.fixture';
import type { TestDirectory } from '@causeway/protocol/federation.fixture';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Directory } from './directory.ts';

const witness = (member: string) => signerOf(witnessName(fed, member), 'cosignature');
const ledger = signerOf(ledgerOrigin(fed, 'authority'), 'note');
const jwkOf = ({ key }: typeof ledger) => ({
  ...{ kty: 'OKP' as const, crv: 'Ed25519' as const },
  x: Buffer.from(key.publicKey).toString('base64url'),
});
const node = (member: string, role: Role, change: Partial<MemberEntry> = {}): MemberEntry =>
  entryOf('lotus', {
    ...{ id: member, roles: [role], keys: [], witness_key: jwkOf(witness(member)) },
    ...change,
  });
const nodes = [
  node('authority', 'authority', { ledger_key: jwkOf(ledger) }),
  node('consumer', 'consumer'),
  node('broker', 'broker'),
];
const first = directoryWith(nodes);
const next = (version: number, change: MemberEntry[], iat = now - 20): TestDirectory =>
  directoryWith(
    [...nodes.filter(({ id }) => !change.some((entry) => entry.id === id)), ...change],
    version,
    iat,
    first,
  );
const key = memberKey(newKey('central').jwk, ['disclosure']);
const more = next(8, [entryOf('central', { keys: [key] }), entryOf('evergreen', { status: 'suspended' })]);

let served: TestDirectory;
let proof: string | undefined;
let nowMs = now * 1000;
let monotonicMs = 0;

const server = createServer((request, response) => {
  const path = decodeURIComponent(request.url ?? '');
  const entry = served.head.claims.entries.findIndex(({ digest }) => path.endsWith(digest));
  if (path === '/roots') response.end(JSON.stringify([first.rootFile]));
  else if (path === '/directory') response.end(JSON.stringify({ head: served.head.jws }));
  else if (path === `/ledger/proof/${served.head.digest}`)
    response.writeHead(proof === undefined ? 404 : 200).end(proof);
  else response.end(served.texts[entry]);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
beforeEach(() => {
  served = first;
  proof = undefined;
  nowMs = now * 1000;
});

function directory(held?: DirectoryView): Directory {
  const clock = { now: () => nowMs, monotonic: () => monotonicMs };
  const authorityUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return new Directory({ authorityUrl, anchor: first.anchor, fed, clock, ...(held ? { held } : {}) });
}

const proofOf = (of: TestDirectory, ...by: string[]): string =>
  proofFile({
    ...{ origin: ledger.key.name, signer: ledger, by: by.map(witness) },
    ...{ leaves: [first.head.digest, of.head.digest], leaf: of.head.digest },
  });

const later = async (client: Directory): Promise<DirectoryView> => {
  monotonicMs += 6000;
  return await client.view();
};

test('S32 what adds is held with its proof; before, only what it takes away is obeyed', async () => {
  const client = directory();
  expect((await client.view()).version).toBe(7);
  served = more;
  for (const by of [[], ['consumer'], ['authority', 'broker'], ['consumer', 'central']]) {
    proof = proofOf(more, ...by);
    const view = await later(client);
    expect([view.version, view.member('central')?.keys]).toEqual([7, []]);
    expect(view.member('evergreen')?.status).toBe('suspended');
  }
  proof = proofOf(more, 'consumer', 'broker');
  monotonicMs += 600;
  const view = await client.view();
  expect([view.version, view.member('central')?.keys]).toEqual([8, [key]]);
});

test('S32 a proof of another head is no proof, and is told', async () => {
  const client = directory();
  await client.view();
  served = more;
  proof = proofOf(next(9, []), 'consumer', 'broker');
  await expect(later(client)).rejects.toMatchObject({ code: 'directory_invalid' });
  proof = proofOf(more, 'consumer', 'broker');
  expect((await later(client)).version).toBe(8);
});

test('S31 what only takes away needs no proof', async () => {
  const client = directory();
  await client.view();
  served = next(8, [entryOf('evergreen', { status: 'suspended' })]);
  const view = await later(client);
  expect([view.version, view.member('evergreen')?.status]).toEqual([8, 'suspended']);
});

test('S32 one that leaves too few witnesses is never held', async () => {
  const client = directory();
  await client.view();
  const { witness_key: _gone, ...mute } = node('broker', 'broker');
  served = next(8, [mute]);
  proof = proofOf(served, 'consumer', 'broker');
  const view = await later(client);
  expect([view.version, view.member('broker')?.witness_key]).toEqual([7, undefined]);
});

test('S32 one that was kept is gone on from: without a proof nothing newer is believed', async () => {
  served = next(9, [entryOf('central', { keys: [key] })], now + 900);
  const client = directory(first.view);
  expect((await client.view()).version).toBe(7);
  nowMs = (now + 910) * 1000;
  proof = proofOf(served, 'consumer', 'broker');
  expect((await later(client)).version).toBe(9);
});
