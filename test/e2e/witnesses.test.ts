import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  appendLeaves,
  entryOf,
  formatCheckpoint,
  formatNote,
  formatProof,
  formatWitnessRequest,
  frontierOf,
  inclusionProof,
  isWitnessed,
  leafHash,
  noteKey,
  noteSigner,
  openCheckpoint,
  rootOf,
  signNote,
  verifyCosignatures,
  verifyProof,
} from '@causeway/ledger';
import type { SignedCheckpoint } from '@causeway/ledger';
import { generateKey, sha256Digest } from '@causeway/protocol';
import type { PrivateJwk, PublicJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { replaceTreeKey } from '@causeway/sandbox/officer-acts';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, inquireUnder, usualTerms, type Agreed } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { ledgerTrust } from '@causeway/sdk';
import { verifyLeafProof } from '@causeway/sdk/leaf-proof';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { redeemAsBroker } from './federation-call.ts';
import { mergeDelay } from './merge-delay.ts';
import { queryDatabase } from './rows.ts';

const fed = 'causeway-sandbox';
const nodes = ['authority', 'consumer', 'broker', 'central', 'lotus', 'harbour'];
const patient = { timeout: 20_000, interval: 100 };
const terms = usualTerms(['central', 'lotus', 'harbour'], 20);

let federation: Federation;
let agreed: Agreed;
/** A finished inquiry of ABC Bank. */
let answered: { jws: string };

beforeAll(async () => {
  federation = await startTestFederation();
  const lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
  answered = await inquireUnder(lender, agreed, terms);
});
afterAll(() => stopTestFederation(federation));

const query = async (member: string, text: string, values: unknown[] = []) =>
  await queryDatabase<Record<string, string>>(federation, member, text, values);

function keyOf(member: string, tree: 'ledger' | 'witness') {
  const file = join(federation.home, 'keys', member, `${tree}.jwk`);
  const jwk = JSON.parse(readFileSync(file, 'utf8')) as PublicJwk;
  const bytes = Buffer.from(jwk.x, 'base64url');
  const name = `causeway/${fed}/${member}`;
  return tree === 'ledger' ? noteKey(name, 'note', bytes) : noteKey(`${name}/witness`, 'cosignature', bytes);
}

/** The checkpoint that a node serves, under its own key, with those who have cosigned it. */
async function served(member: string): Promise<SignedCheckpoint & { cosigners: string[] }> {
  const answer = await fetch(`${federation.url(member)}/ledger/checkpoint`);
  expect(answer.status).toBe(200);
  const own = { origin: `causeway/${fed}/${member}`, keys: [keyOf(member, 'ledger')] };
  const checkpoint = openCheckpoint(await answer.text(), own);
  const cosigned = (witness: string) => verifyCosignatures(checkpoint.note, [keyOf(witness, 'witness')]);
  return { ...checkpoint, cosigners: nodes.filter((witness) => cosigned(witness).length > 0) };
}

/** Waits until all leaves of a node are under a checkpoint that counts; its size. */
async function cosignedSize(member: string): Promise<number> {
  return await vi.waitFor(async () => {
    const [staged] = await query(member, 'SELECT count(*) AS n FROM leaf_staging');
    const [placed] = await query(member, 'SELECT size FROM ledger_state');
    const { cosigners, size } = await served(member);
    expect([staged?.['n'], Number(placed?.['size'])]).toEqual(['0', size]);
    expect(isWitnessed(cosigners, { operator: member, authority: 'authority' })).toBe(true);
    expect(cosigners).not.toContain(member);
    return size;
  }, patient);
}

describe('after a story', () => {
  test.each(nodes.filter((member) => member !== 'authority'))(
    'S52 the checkpoint that %s serves holds all its leaves and carries a quorum',
    async (member) => {
      expect(await cosignedSize(member)).toBeGreaterThan(0);
      expect((await served(member)).cosigners).toContain('authority');
    },
  );

  test.each(nodes)('S57 the statements of %s have their proof within a minute', async (member) => {
    const { unmerged, signedMs, countedMs } = await mergeDelay(federation, member);
    expect(unmerged).toBe(0);
    expect(Math.max(signedMs, countedMs ?? Infinity)).toBeLessThan(60_000);
  });

  test('nobody has raised an alarm', async () => {
    for (const member of nodes) expect(await query(member, 'SELECT * FROM ledger_alarm')).toEqual([]);
  });
});

test('S11 the key of a ledger is replaced, and what the old one signed stays proven', async () => {
  const size = await cosignedSize('lotus');
  const [leaf] = await query('lotus', 'SELECT digest FROM leaf WHERE idx = 0');
  const digest = leaf?.['digest'] ?? '';
  const proof = await (await fetch(`${federation.url('lotus')}/ledger/proof/${digest}`)).text();
  const key = generateKey();
  const { ceremony } = federation;
  await replaceTreeKey(federation.url('authority'), ceremony, { member: 'lotus', key, tree: 'ledger' });
  await federation.process('lotus').stop();
  writeFileSync(join(federation.home, 'keys/lotus/ledger.jwk'), JSON.stringify(key));
  await federation.process('lotus').start();
  await inquireUnder(federation.lender('abc-bank'), agreed, terms);
  // Under the new key, which `keyOf` reads from the folder.
  expect(await cosignedSize('lotus')).toBeGreaterThan(size);
  const view = await federation.lender('abc-bank').directory.view();
  const trust = ledgerTrust(view, 'lotus');
  expect(verifyLeafProof(proof, digest, trust)).toMatchObject({ index: 0, witnessed: true });
  const { retired: _retired, ...ledger } = trust.ledger;
  expect(() => verifyLeafProof(proof, digest, { ...trust, ledger })).toThrow(/signature_missing/u);
});

interface Restored {
  /** What the tables held beyond. */
  readonly lost: Record<string, unknown>[];
  readonly size: number;
}

/** Puts a node's ledger back by one leaf, as a copy of yesterday would, and starts the node again. */
async function rollBack(member: string): Promise<Restored> {
  const size = (await cosignedSize(member)) - 1;
  await federation.process(member).stop();
  await query(member, 'DELETE FROM ledger_cosignature WHERE size > $1', [size]);
  await query(member, 'DELETE FROM ledger_checkpoint WHERE size > $1', [size]);
  const lost = await query(member, 'DELETE FROM leaf WHERE idx >= $1 RETURNING *', [size]);
  await query(member, 'UPDATE ledger_state SET size = $1', [size]);
  await federation.process(member).start();
  return { lost, size };
}

async function readiness(member: string): Promise<{ status: number; failing: string[] }> {
  const answer = await fetch(`${federation.url(member)}/readyz`);
  const { failing = [] } = (await answer.json()) as { failing?: string[] };
  return { status: answer.status, failing };
}

/** Brings the ledger forward to where it was. */
async function bringForward(member: string, { lost, size }: Restored): Promise<void> {
  await query(member, 'INSERT INTO leaf SELECT * FROM jsonb_populate_recordset(NULL::leaf, $1::jsonb)', [
    JSON.stringify(lost),
  ]);
  await query(member, 'UPDATE ledger_state SET size = $1', [size + lost.length]);
  await vi.waitFor(async () => expect(await readiness(member)).toMatchObject({ status: 200 }), patient);
}

async function signed(member: string): Promise<number> {
  const [row] = await query(member, 'SELECT max(size) AS size FROM ledger_checkpoint');
  return Number(row?.['size'] ?? 0);
}

test('S50 a bureau that was put back is not ready, says why, signs nothing, and recovers', async () => {
  const restored = await rollBack('central');
  const behind = { status: 503, failing: ['ledger'] };
  await vi.waitFor(async () => expect(await readiness('central')).toEqual(behind), patient);
  const log = readFileSync(federation.process('central').logFile, 'utf8');
  const line = log.split('\n').find((text) => text.includes('"ledger_behind"'));
  expect(JSON.parse(line ?? '{}')).toMatchObject({ alarm: true, size: restored.size + 1 });
  const alarms = await vi.waitFor(async () => {
    const rows = await query('central', 'SELECT kind, origin FROM ledger_alarm');
    expect(rows).toHaveLength(1);
    return rows;
  }, patient);
  expect(alarms).toEqual([{ kind: 'rollback', origin: `causeway/${fed}/central` }]);
  expect(await signed('central')).toBeLessThanOrEqual(restored.size);
  await bringForward('central', restored);
  expect(await cosignedSize('central')).toBeGreaterThanOrEqual(restored.size + 1);
});

test('S50 a consumer service whose database was put back grants nothing', async () => {
  expect((await redeemAsBroker(federation, answered.jws)).result.grants).toBeDefined();
  const restored = await rollBack('consumer');
  await vi.waitFor(
    async () => expect(await readiness('consumer')).toMatchObject({ failing: ['ledger'] }),
    patient,
  );
  const { result } = await redeemAsBroker(federation, answered.jws);
  expect([result.grants, result.error?.code]).toEqual([undefined, 'not_ready']);
  await bringForward('consumer', restored);
  expect((await redeemAsBroker(federation, answered.jws)).result.grants).toBeDefined();
});

/** What the operator of a ledger can show to one reader alone: its tree with another first leaf. */
async function twinOf(member: string, size: number) {
  const rows = await query(member, 'SELECT digest FROM leaf WHERE idx < $1 ORDER BY idx', [size]);
  const entries = rows.map(({ digest }) => entryOf(digest ?? ''));
  entries[0] = entryOf(sha256Digest('another'));
  const tree = appendLeaves(frontierOf(0, []), entries.map(leafHash));
  const hashes = new Map(tree.nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  const { name } = keyOf(member, 'ledger');
  const jwk = JSON.parse(
    readFileSync(join(federation.home, 'keys', member, 'ledger.jwk'), 'utf8'),
  ) as PrivateJwk;
  const text = formatCheckpoint({ origin: name, size, root: rootOf(tree.frontier), extensions: [] });
  const note = signNote(text, [noteSigner(name, 'note', Buffer.from(jwk.d, 'base64url'))]);
  const proof = inclusionProof(0, size, (level, index) => hashes.get(`${level}/${index}`));
  const file = (checkpoint: string) => formatProof({ extra: null, index: 0, hashes: proof, checkpoint });
  return { note, entry: entries[0], file };
}

test('S52 a second tree for somebody else gets no witness who saw the first, and no reader', async () => {
  const size = await cosignedSize('harbour');
  const honest = await served('harbour');
  const twin = await twinOf('harbour', size);
  const checkpoint = formatNote(twin.note);
  for (const witness of honest.cosigners) {
    const ask = async (old: number) => {
      const body = formatWitnessRequest(old, [], checkpoint);
      const headers = { 'content-type': 'text/plain' };
      const url = `${federation.url(witness)}/witness/add-checkpoint`;
      const answer = await fetch(url, { method: 'POST', headers, body });
      return [answer.status, await answer.text()] as const;
    };
    expect((await ask(size))[0]).toBe(422);
    expect(await ask(0)).toEqual([409, `${size}\n`]);
    const kept = await query(witness, `SELECT kind, detail FROM ledger_alarm WHERE kind = 'split_view'`);
    const { text } = honest.note;
    const seen = expect.stringContaining(text) as unknown;
    expect(kept).toEqual([{ kind: 'split_view', detail: { got: checkpoint, seen } }]);
  }
  const trust = ledgerTrust(await federation.directory().view(), 'harbour');
  const code = (file: string) => () => verifyProof(file, twin.entry, trust);
  expect(code(twin.file(checkpoint))).toThrow('quorum_missing');
  const pasted = { ...twin.note, signatures: [...twin.note.signatures, ...honest.note.signatures.slice(1)] };
  expect(code(twin.file(formatNote(pasted)))).toThrow('signature_invalid');
  expect((await served('harbour')).cosigners).toEqual(honest.cosigners);
});
