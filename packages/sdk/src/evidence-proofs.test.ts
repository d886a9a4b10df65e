import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CausewayError, problem, statementsIn, verifyBundle } from '@causeway/protocol';
import { chain } from '@causeway/protocol/chain.fixture';
import { systemClock } from '@causeway/kernel';
import {
  bare,
  ledgered,
  ledgeredWith,
  nodeEntry,
  nodes,
  proofFiles,
  seenByAll,
} from '@causeway/protocol/evidence.fixture';
import { now } from '@causeway/protocol/federation.fixture';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withProofs } from './evidence-proofs.ts';

const { anchor } = ledgered;
const statements = statementsIn(bare());
const files = proofFiles(statements, ({ ledger }) => seenByAll(ledger));
const { digest } = chain.disclosure;
const notFound = problem(new CausewayError('not_found'), 'request');
/** How often each path was asked for. */
const asked = new Map<string, number>();
/** What the nodes answer, by the times that they were asked before; undefined is 404. */
let answer: (digest: string, before: number) => string | undefined;
let server: Server;
let view: typeof ledgered.view;

beforeAll(async () => {
  // All nodes in one process, which tells them apart by the digest, as each leaf is in one ledger only.
  server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '');
    const before = asked.get(path) ?? 0;
    asked.set(path, before + 1);
    const [, leaf = ''] = /^\/ledger\/proof\/([^/]+)\/first$/u.exec(path) ?? [];
    const text = answer(leaf, before);
    if (text === undefined) response.writeHead(404).end(JSON.stringify(notFound));
    else response.end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const entries = nodes.map((member) => nodeEntry(member, { endpoints: { public: url } }));
  ({ view } = ledgeredWith(entries, 8, now, ledgered));
});
beforeEach(() => asked.clear());
afterAll(() => new Promise((resolve) => server.close(resolve)));

const proofOf = (leaf: string): string | undefined => files.get(leaf)?.proof;

async function assembled(withinMs: number) {
  const text = await withProofs(JSON.stringify(bare()), { view, anchor, clock: systemClock, withinMs });
  return verifyBundle(JSON.parse(text), { anchor });
}

test('S53 each proof is asked for once, where its ledger has it', async () => {
  answer = proofOf;
  expect((await assembled(5_000)).verdict).toBe('verified');
  expect([...asked.values()]).toEqual(statements.map(() => 1));
});

test('S53 what no witness has seen yet is asked for again, and nothing else', async () => {
  answer = (leaf, before) => (leaf === digest && before < 2 ? undefined : proofOf(leaf));
  expect((await assembled(5_000)).verdict).toBe('verified');
  const again = [...asked].filter(([, times]) => times > 1);
  expect(again).toEqual([[`/ledger/proof/${digest}/first`, 3]]);
});

test('S53 what has none when time is over is without, and told', async () => {
  answer = (leaf) => (leaf === digest ? undefined : proofOf(leaf));
  const { unproven, verdict } = await assembled(0);
  expect([verdict, unproven.map((each) => each.digest)]).toEqual(['unproven', [digest]]);
  expect([...asked.values()]).toEqual(statements.map(() => 1));
});

test('S53 where a node says what is no proof, there is no bundle', async () => {
  answer = (leaf) => (leaf === digest ? proofOf(chain.lotusDisclosure.digest) : proofOf(leaf));
  await expect(assembled(0)).rejects.toMatchObject({ code: 'evidence_invalid' });
  answer = () => '{}';
  await expect(assembled(0)).rejects.toMatchObject({ code: 'evidence_invalid' });
});

test('S63 a node that is away costs its statements only', async () => {
  const gone = nodeEntry('central', { endpoints: { public: 'http://127.0.0.1:9' } });
  const there = nodes.map((member) => {
    const url = view.member(member)?.endpoints.public ?? '';
    return member === 'central' ? gone : nodeEntry(member, { endpoints: { public: url } });
  });
  answer = proofOf;
  const by = {
    view: ledgeredWith(there, 9, now + 1, ledgered).view,
    anchor,
    clock: systemClock,
    withinMs: 0,
  };
  const { unproven } = verifyBundle(JSON.parse(await withProofs(JSON.stringify(bare()), by)), { anchor });
  expect(unproven.map(({ ledger }) => ledger)).toEqual(['central']);
});
