import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Federation } from '@causeway/sandbox/federation';
import { freshKey } from '@causeway/sandbox/clients';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { seconds, systemClock, systemRandom } from '@causeway/kernel';
import { type Digest, sha256Digest, sign, signingKeyFromJwk } from '@causeway/protocol';
import { sessionNonce } from '@causeway/sdk';
import { open } from '@causeway/service';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { causeway } from './command-line.ts';
import { bringBack, copyOf, type DatabaseCopy, tablesWith } from './database-copy.ts';
import { callFederation } from './federation-call.ts';
import { queryDatabase } from './rows.ts';
import { subjectKeysOf } from './subject-keys.ts';
import { refusedWriting } from './untouched.ts';

const nodes = ['consumer', 'broker', 'central', 'lotus', 'harbour'];
const others = ['authority', 'broker-queue', ...nodes.map((node) => `${node}-keys`)];
const lina = sandboxSubject('li-na');
const folder = mkdtempSync(join(tmpdir(), 'causeway-erasure-'));
const patient = { timeout: 30_000, interval: 250 };
const terms = () => usualTerms(federation.card.bureaus, 5);
let federation: Federation;
let agreed: Agreed;
let backup: ReadonlyMap<string, DatabaseCopy>;
let roots: ReadonlyMap<string, unknown>;
let proofs: string[];

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  const lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, lina, terms());
  const { disclosures } = await inquireUnder(lender, agreed, terms());
  const [item] = disclosures.find(({ claims }) => claims.iss === 'central')?.claims.records ?? [];
  const record = item?.record_id ?? '';
  await disputed(record);
  proofs = await proofFiles();
});
afterAll(async () => {
  await stopTestFederation(federation);
  rmSync(folder, { recursive: true, force: true });
});

async function disputed(record: string): Promise<void> {
  const disputes = await federation.disputes(lina);
  const item = { bureau: 'central', record, reason: 'already_paid', text: 'This is paid.' } as const;
  const id = await disputes.open(item, freshKey());
  await vi.waitFor(async () => expect((await disputes.show(id)).state).toBe('marked'), patient);
}

async function proofFiles(): Promise<string[]> {
  const options = ['--person', 'li-na', '--verify', '--json', '--home', federation.home, '--proofs', folder];
  await vi.waitFor(async () => expect((await causeway('history', ...options)).exit).toBe(0), patient);
  return readdirSync(join(folder, 'consumer')).map((name) => join(folder, 'consumer', name));
}

async function asHer(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const session = await federation
    .subject()
    .openSession(await federation.idToken(lina, sessionNonce(freshKey())));
  const headers = { authorization: `Bearer ${session}`, ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(federation.url('consumer') + path, {
    ...{ method, headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status_code: answer.status, ...((await answer.json()) as object) };
}

const signedIn = async (nonce: string) => ({ id_token: await federation.idToken(lina, nonce) });

/** Checkpoints of every node, as they are signed: size and root. */
async function signedRoots(): Promise<ReadonlyMap<string, unknown>> {
  const text = "SELECT size, encode(root, 'hex') AS root FROM ledger_checkpoint ORDER BY size";
  const all = nodes.map(async (node) => [node, await queryDatabase(federation, node, text)] as const);
  return new Map(await Promise.all(all));
}

const copies = async (members: readonly string[]) =>
  new Map(
    await Promise.all(members.map(async (member) => [member, await copyOf(federation, member)] as const)),
  );

const found = (all: ReadonlyMap<string, DatabaseCopy>, texts: readonly string[]): string[] =>
  [...all].flatMap(([member, copy]) => tablesWith(copy, texts).map((table) => `${member}: ${table}`));

const years = 6 * 366 * 86_400_000;

/** All that the law demands is over for the consumer service: as if six years had gone by there. */
async function sixYearsLater(): Promise<void> {
  for (const text of [
    `UPDATE erasure SET asked_ms = asked_ms - ${years}, due_ms = due_ms - ${years}`,
    `UPDATE access SET at_ms = at_ms - ${years}`,
    `UPDATE consent SET state_since_ms = state_since_ms - ${years}`,
    `UPDATE dispute SET received_ms = received_ms - ${years}`,
    `UPDATE dispute_step SET at_ms = at_ms - ${years}`,
  ])
    await queryDatabase(federation, 'consumer', text);
}

const keepers = ['broker', 'central', 'lotus', 'harbour'];

/** And at the nodes, each by its own count; and the day over for which none is asked again. */
async function sixYearsLaterAtNodes(): Promise<void> {
  const restricted = `UPDATE subject_status SET restricts_from_ms = restricts_from_ms - ${years}`;
  for (const node of keepers) await queryDatabase(federation, node, restricted);
  await queryDatabase(federation, 'consumer', 'UPDATE erasure_delivery SET next_ms = 0');
}

/** Texts that stand for her: her reference, her number and her name. */
const named = () => [agreed.subjectRef, lina.identifier.value, lina.name];

/** Erasures that a node has refused, as its log tells. */
const refusalsAt = (node: string): number =>
  readFileSync(join(federation.home, 'logs', `${node}.log`), 'utf8').split('erasure_refused').length - 1;

test('S56 who holds the consumer service’s key has nobody erased at once, restricted or not', async () => {
  const text = 'SELECT min(subject_ref) AS ref FROM record WHERE subject_ref <> $1';
  const [row] = await queryDatabase<{ ref: string }>(federation, 'central', text, [agreed.subjectRef]);
  const ref = row?.ref ?? '';
  const key = signingKeyFromJwk('consumer', federation.keys('consumer').statement);
  const by = { key, fed: 'causeway-sandbox', clock: systemClock, random: systemRandom };
  const told = { exp: seconds(systemClock) + 3600, subject_refs: [ref] };
  const call = async (path: string, body: object) =>
    await callFederation(federation, { by: 'consumer', to: 'central', path, body });
  const refused = async (restriction: Digest): Promise<unknown> => {
    const { jws } = sign('erasure', { aud: 'central', ...told, restriction }, by);
    const erase = async () => await call('/v1/erasures', { erasure: jws });
    const { body } = await refusedWriting(federation, { central: {} }, erase);
    const marks = 'SELECT erasure FROM erased_key';
    expect(await queryDatabase(federation, 'central-keys', marks)).toEqual([]);
    return body['code'];
  };
  expect(await refused(sha256Digest('never told'))).toBe('not_restricted');
  const status = { aud: ['central'], ...told, sequence: 1 };
  const restricted = sign('status', { ...status, action: 'freeze', restricts: true }, by);
  expect((await call('/v1/status', { status: restricted.jws })).status).toBe(200);
  expect(await refused(restricted.digest)).toBe('retention_not_over');
  const thawed = sign('status', { ...status, action: 'thaw', sequence: 2 }, by);
  expect((await call('/v1/status', { status: thawed.jws })).status).toBe(200);
  expect(await refused(restricted.digest)).toBe('not_restricted');
});

test('S56 who asks to be erased is restricted at once: nothing is granted, nor lifted', async () => {
  const without = await fetch(`${federation.url('consumer')}/v1/erasure`, { method: 'POST' });
  expect(without.status).toBe(401);
  expect(await asHer('GET', '/v1/erasure')).toMatchObject({ status: 'none' });
  const asked = await asHer('POST', '/v1/erasure', await signedIn('erase:all'));
  expect(asked).toMatchObject({ status_code: 201, status: 'restricted', stop: { waiting: [] } });
  expect(asked['kept']).toMatchObject([
    { rule: 'cn.keep.adverse', months: 60 },
    ...Array.from({ length: 3 }, () => ({ months: 36 })),
  ]);
  expect(String(asked['due_at']).slice(0, 4)).toBe(String(new Date().getUTCFullYear() + 5));
  const lender = federation.lender('abc-bank');
  await expect(inquireUnder(lender, agreed, terms())).rejects.toMatchObject({ code: 'subject_frozen' });
  await expect(agree(federation, lender, lina, terms())).rejects.toMatchObject({ code: 'conflict' });
  const { items } = (await asHer('GET', '/v1/freezes')) as unknown as { items: { id: string }[] };
  const id = items[0]?.id ?? '';
  const lifted = await asHer('POST', `/v1/freezes/${id}/thaw`, await signedIn(`thaw:${id}`));
  expect(lifted['status_code']).toBe(409);
});

test('S56 no node destroys anything on the consumer service’s word that the time is over', async () => {
  const here = async () => found(await copies(keepers), named());
  const before = await here();
  const refusals = new Map(keepers.map((node) => [node, refusalsAt(node)]));
  await sixYearsLater();
  const more = () => keepers.filter((node) => refusalsAt(node) > (refusals.get(node) ?? 0));
  await vi.waitFor(() => expect(more()).toEqual(keepers), patient);
  expect(await asHer('GET', '/v1/erasure')).toMatchObject({
    ...{ status: 'erasing', erased: [], waiting: keepers.toSorted() },
  });
  const metrics = async () => await (await fetch(`${federation.url('consumer')}/metrics`)).text();
  await vi.waitFor(
    async () => expect(await metrics()).toContain('erasures_waiting{node="central"} 1'),
    patient,
  );
  expect(await here()).toEqual(before);
  for (const node of keepers) {
    const text = 'SELECT digest FROM received_erasure';
    expect(await queryDatabase(federation, node, text)).toEqual([]);
    const marks = 'SELECT erasure FROM erased_key';
    expect(await queryDatabase(federation, `${node}-keys`, marks)).toEqual([]);
  }
});

test('S56 after the longest time she is gone everywhere, and every tree stands as it was', async () => {
  backup = await copies(nodes);
  roots = await signedRoots();
  expect(found(backup, named().slice(1)).filter((at) => !/record|staff|mapping/u.test(at))).toEqual([]);
  await sixYearsLaterAtNodes();
  const gone = async () => await queryDatabase(federation, 'consumer', 'SELECT node FROM erasure_proof');
  await vi.waitFor(async () => expect(await gone()).toHaveLength(4), patient);
  const left = async () => found(await copies([...nodes, ...others]), named());
  await vi.waitFor(async () => expect(await left()).toEqual([]), patient);
  expect(filesWith(named())).toEqual([]);
  for (const [node, rows] of await signedRoots()) {
    expect(rows).toEqual(expect.arrayContaining(roots.get(node) as unknown[]));
  }
  for (const file of proofs) {
    expect((await causeway('verify', file, '--home', federation.home)).exit).toBe(0);
  }
});

/** Files of nodes that hold one of these texts; the databases have been looked through. */
function filesWith(texts: readonly string[]): string[] {
  const folders = ['keys', 'spool', 'logs', 'checkpoints'].map((name) => join(federation.home, name));
  return folders.flatMap((dir) => {
    try {
      const names = readdirSync(dir, { recursive: true, withFileTypes: true });
      const files = names.filter((entry) => entry.isFile());
      return files
        .map((entry) => join(entry.parentPath, entry.name))
        .filter((path) => texts.some((text) => readFileSync(path).includes(text)));
    } catch {
      return [];
    }
  });
}

test('S56 what a backup holds opens for nobody who has the key of the node', async () => {
  const sealing = readFileSync(join(federation.home, 'keys/broker/sealing.key'), 'utf8');
  const key = Buffer.from(sealing, 'base64url');
  const inquiries = JSON.parse(backup.get('broker')?.get('inquiry') ?? '[]') as Record<string, string>[];
  expect(inquiries.length).toBeGreaterThan(0);
  for (const { data_key = '', inquiry = '', life = '' } of inquiries) {
    const dead = subjectKeysOf(federation, 'broker', async (keys) => await keys.ofLife(life));
    await expect(dead).rejects.toMatchObject({ code: 'not_found' });
    const wrapped = Buffer.from(data_key.slice(2), 'hex');
    expect(() => open(key, wrapped, `${inquiry}/data-key`)).toThrow('internal');
  }
});

test('S56 a restored backup does not bring her back', async () => {
  const broker = federation.process('broker');
  await broker.stop();
  const tables = ['inquiry', 'inquiry_bureau', 'inquiry_round', 'inquiry_disclosure', 'inquiry_report'];
  const restored = [...tables, 'subject_life', 'subject_status', 'received_status'];
  await bringBack(federation, 'broker', backup.get('broker') ?? new Map(), restored);
  const rows = async () => {
    const copy = await copyOf(federation, 'broker');
    return restored.filter((table) => copy.get(table) !== '[]');
  };
  expect(await rows()).toEqual(restored);
  await broker.start();
  expect(await rows()).toEqual([]);
});

test('S56 whoever comes again begins anew, with nothing', async () => {
  expect(await asHer('GET', '/v1/accesses')).toMatchObject({ items: [] });
  expect(await asHer('GET', '/v1/passkeys')).toMatchObject({ items: [] });
  expect(await asHer('GET', '/v1/erasure')).toMatchObject({ status: 'none' });
  const lender = federation.lender('abc-bank');
  const fresh = await agree(federation, lender, lina, terms());
  expect(fresh.subjectRef).toBe(agreed.subjectRef);
  const { report } = await inquireUnder(lender, fresh, terms());
  expect(report.claims.manifest.map(({ outcome }) => outcome)).toEqual(Array(3).fill('not_found'));
});
