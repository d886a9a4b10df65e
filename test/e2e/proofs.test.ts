import { spawnSync } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  bundleEntries,
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  grownTiles,
  noteSigner,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseProof,
  parseVerifierKey,
  signNote,
  tilePath,
  verifyCosignatures,
} from '@causeway/ledger';
import type { PrivateJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { fsckLedgers } from '@causeway/sandbox/ledger-fsck';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import {
  type Agreed,
  type Terms,
  agree,
  inquireUnder,
  usualTerms,
} from '@causeway/sandbox/story/consented-inquiry';
import { revokedSigner } from '@causeway/sandbox/story/revoked-signer';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { type Access, ledgerTrust } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { causeway } from './command-line.ts';
import { queryDatabase } from './rows.ts';
import { numbersFound, numbersLike } from './strangers-guesses.ts';

const folder = mkdtempSync(join(tmpdir(), 'causeway-proofs-'));
const SECOND = join(import.meta.dirname, '../second-verifier/verifier.mjs');
const origin = 'causeway/causeway-sandbox/consumer';
let federation: Federation;
/** Of those below, in their order. */
const refs: string[] = [];

beforeAll(async () => {
  federation = await startTestFederation();
  const lender = federation.lender('abc-bank');
  for (const person of ['li-na', 'zhou-late']) {
    const terms = usualTerms(federation.card.bureaus, 5);
    const agreed = await agree(federation, lender, sandboxSubject(person), terms);
    await inquireUnder(lender, agreed, terms);
    // By no consent of its own: the broker passes it on, and the consumer service refuses.
    await inquireUnder(federation.lender('evergreen'), agreed, terms).catch(() => undefined);
    if (person === 'li-na') await refusedByBroker(agreed, terms);
    refs.push(agreed.subjectRef);
  }
});
afterAll(async () => {
  await stopTestFederation(federation);
  rmSync(folder, { recursive: true, force: true });
});

/** Asks with a key that was revoked, as soon as the broker has heard of it: it refuses by itself. */
async function refusedByBroker(...asked: [Agreed, Terms]): Promise<void> {
  const lender = await revokedSigner(federation, 'evergreen');
  await vi.waitFor(async () => {
    const refused = { code: 'key_revoked' };
    await expect(inquireUnder(lender, ...asked)).rejects.toMatchObject(refused);
  }, 20_000);
}

interface HistoryAnswer {
  verdict: string;
  accesses: Access[];
  lines: { state: string; ledger: string; witnessed?: boolean; size?: number; code?: string }[];
  comparisons: { ledger: string; against: string }[];
  broken: { ledger: string; code: string }[];
  sentences: string[];
}

async function history(
  person: string,
  ...options: string[]
): Promise<{ exit: number; result: HistoryAnswer }> {
  const all = ['--person', person, '--verify', '--json', '--home', federation.home, ...options];
  const { exit, said } = await causeway('history', ...all);
  return { exit, result: JSON.parse(said) as HistoryAnswer };
}

/** Writes the proofs of a person's lines; the files of the consumer service's ledger. */
async function proofFiles(person: string): Promise<string[]> {
  const into = join(folder, person);
  if (existsSync(into)) return filesIn(into);
  expect((await history(person, '--proofs', into)).exit).toBe(0);
  return filesIn(into);
}

const filesIn = (into: string): string[] =>
  readdirSync(join(into, 'consumer')).map((name) => join(into, 'consumer', name));

const verify = async (file: string, ...options: string[]) =>
  await causeway('verify', file, '--home', federation.home, ...options);

/** Waits until every line of hers is proven under a checkpoint that counts. */
async function witnessedHistory(person: string): Promise<HistoryAnswer> {
  return await vi.waitFor(
    async () => {
      const { exit, result } = await history(person);
      expect([exit, result.lines.every(({ witnessed }) => witnessed === true)]).toEqual([0, true]);
      expect(result.accesses.some(({ decided_by }) => decided_by === 'broker')).toBe(true);
      return result;
    },
    { timeout: 20_000, interval: 200 },
  );
}

describe('a person’s history', () => {
  test('S53 is verified: each line proven, witnessed, and compared with what was seen before', async () => {
    const { comparisons, lines, sentences, verdict } = await witnessedHistory('li-na');
    expect([verdict, lines.length, sentences.length]).toEqual(['verified', 3, 3]);
    expect(sentences[0]).toBe(
      '3 of 3 lines are proven, 1 in the ledger of broker, 2 in the ledger of consumer.',
    );
    expect(sentences[1]).toMatch(/^Witnessed by .+ and .+, last at .+ UTC\.$/u);
    expect(comparisons.map(({ ledger }) => ledger)).toEqual(['broker', 'consumer']);
  });

  test('the ledger grows, and what was seen before is shown to be its beginning', async () => {
    const terms = usualTerms(federation.card.bureaus, 1);
    const lender = federation.lender('abc-bank');
    await inquireUnder(lender, await agree(federation, lender, sandboxSubject('li-na'), terms), terms);
    const { comparisons, lines } = await vi.waitFor(async () => {
      const { exit, result } = await history('li-na');
      expect([exit, result.lines.length]).toEqual([0, 4]);
      return result;
    }, 20_000);
    expect(lines.every(({ state }) => state === 'proven')).toBe(true);
    const own = comparisons.find(({ ledger }) => ledger === 'consumer');
    expect(['grown', 'same']).toContain(own?.against);
  });

  test('what the broker decided is proven in its own ledger, where the line says', async () => {
    const { accesses } = await witnessedHistory('li-na');
    const line = accesses.find(({ decided_by }) => decided_by === 'broker');
    expect(line).toMatchObject({ ledger: 'broker', proof: null, proof_absent: 'other_ledger' });
    const answer = await fetch(line?.proof_url ?? '');
    expect([answer.status, (await answer.text()).split('\n')[0]]).toEqual([200, 'c2sp.org/tlog-proof@v1']);
  });

  test('S49 exits 6 where this machine has seen another tree of that size by the same key', async () => {
    const file = join(federation.home, 'checkpoints', 'consumer');
    const kept = readFileSync(file, 'utf8');
    writeFileSync(file, forged(kept));
    try {
      const { exit, result } = await history('li-na');
      expect([exit, result.verdict]).toEqual([6, 'rejected']);
      expect(result.broken).toEqual([{ ledger: 'consumer', code: 'proof_invalid' }]);
    } finally {
      writeFileSync(file, kept);
    }
  });
});

/** Another root at the size of a checkpoint, by the ledger's own key. */
function forged(checkpoint: string): string {
  const jwk = readFileSync(join(federation.home, 'keys', 'consumer', 'ledger.jwk'), 'utf8');
  const signer = noteSigner(origin, 'note', Buffer.from((JSON.parse(jwk) as PrivateJwk).d, 'base64url'));
  const { size } = openCheckpoint(checkpoint, { origin, keys: [signer.key] });
  const text = formatCheckpoint({ origin, size, root: new Uint8Array(32), extensions: [] });
  return formatNote(signNote(text, [signer]));
}

/** All entries that a node serves to everybody, and how many bytes they were served in. */
async function servedEntries(member: string): Promise<{ entries: Uint8Array[]; bytes: number }> {
  const at = async (path: string) => await fetch(`${federation.url(member)}/ledger/${path}`);
  const { size } = parseCheckpoint(parseNote(await (await at('checkpoint')).text()).text);
  const tiles = grownTiles(0, size).filter(({ level }) => level === 'entries');
  const bundles = await Promise.all(
    tiles.map(async (tile) => {
      const bytes = new Uint8Array(await (await at(tilePath(tile))).arrayBuffer());
      return { bytes: bytes.length, entries: bundleEntries(bytes, tile.width) };
    }),
  );
  const bytes = bundles.reduce((sum, bundle) => sum + bundle.bytes, 0);
  return { bytes, entries: bundles.flatMap(({ entries }) => entries) };
}

test('S55 leaves tell nothing to who knows her district, her birthday and all that is public', async () => {
  const { value } = sandboxSubject('li-na').identifier;
  const numbers = numbersLike(value);
  expect(numbers).toContain(value);
  const nodes = ['authority', 'consumer', 'broker', ...federation.card.bureaus];
  const known = ['causeway-sandbox', origin, 'consumer', 'abc-bank', federation.card.anchor];
  const served = await Promise.all(nodes.map(servedEntries));
  for (const { bytes, entries } of served) {
    expect(entries.length).toBeGreaterThan(0);
    // All of one size: how much a statement says cannot be seen either.
    expect(bytes).toBe(34 * entries.length);
  }
  const entries = served.flatMap((each) => each.entries);
  expect(numbersFound(numbers, entries, known)).toEqual([]);
  // The search does find what it looks for.
  const naive = createHash('sha256').update(`gb11643:${value}`).digest();
  const keyed = createHmac('sha256', origin).update(value).digest();
  for (const entry of [naive, keyed])
    expect(numbersFound([value], [...entries, entry], known)).toEqual([value]);
});

describe('a proof file', () => {
  test('S53 stands beside the verifier keys that a foreign tool takes', async () => {
    const [file = ''] = await proofFiles('li-na');
    const lines = readFileSync(join(folder, 'li-na', 'consumer.keys'), 'utf8')
      .trim()
      .split('\n');
    const [ledger, ...witnesses] = lines.map(parseVerifierKey);
    expect([ledger?.name, ledger?.type]).toEqual([origin, 'note']);
    expect(witnesses.map(({ type }) => type)).toEqual(witnesses.map(() => 'cosignature'));
    const keys = ledger ? [ledger] : [];
    const { checkpoint } = parseProof(readFileSync(file));
    const { note } = openCheckpoint(checkpoint, { origin, keys });
    expect(verifyCosignatures(note, witnesses).length).toBeGreaterThanOrEqual(2);
  });

  test('S53 verifies by itself, and says so in three sentences', async () => {
    const [file = ''] = await proofFiles('li-na');
    const { exit, said } = await verify(file);
    expect(exit).toBe(0);
    const lines = said.trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatch(
      /^The leaf sha-256:.{43} is number \d+ of the \d+ in the ledger of consumer\.$/u,
    );
  });

  test('S53 of another person’s leaf fails with exit 6', async () => {
    const [hers = ''] = await proofFiles('li-na');
    const [his = ''] = await proofFiles('zhou-late');
    const leaf = (file: string): string => `sha-256:${file.slice(-('.tlog-proof'.length + 43), -11)}`;
    const { exit, said } = await verify(hers, '--leaf', leaf(his), '--json');
    expect([exit, said]).toEqual([6, expect.stringContaining('proof_invalid')]);
  });

  test('S53 that was tampered with, or is of another ledger, fails with exit 6', async () => {
    const [file = ''] = await proofFiles('li-na');
    const text = readFileSync(file, 'utf8');
    mkdirSync(join(folder, 'tampered'), { recursive: true });
    const tampered = join(folder, 'tampered', file.split('/').at(-1) ?? '');
    const changed = text.replace(/index (\d+)/u, (_, index) => `index ${Number(index) + 1}`);
    expect(changed).not.toBe(text);
    writeFileSync(tampered, changed);
    const { exit, said } = await verify(tampered, '--json');
    expect([exit, said]).toEqual([6, expect.stringContaining('proof_invalid')]);
    expect((await verify(file, '--ledger', 'broker')).exit).toBe(6);
  });

  test('what is named by no leaf is not guessed at', async () => {
    const [file = ''] = await proofFiles('li-na');
    const renamed = join(folder, 'proof.txt');
    writeFileSync(renamed, readFileSync(file));
    expect((await verify(renamed)).exit).toBe(2);
  });

  test('S53 is judged alike by a second implementation, which knows nothing of this one', async () => {
    const [hers = ''] = await proofFiles('li-na');
    const [his = ''] = await proofFiles('zhou-late');
    const { ledger, quorum, witnesses } = ledgerTrust(await federation.directory().view(), 'consumer');
    const keys = { ledger_keys: ledger.keys.map(formatVerifierKey), origin };
    const seen = witnesses.map(({ member, key }) => ({ member, key: formatVerifierKey(key) }));
    const file = join(folder, 'trust.json');
    writeFileSync(file, JSON.stringify({ ...keys, witnesses: seen, ...quorum }));
    const leaf = (proof: string): string => `sha-256:${proof.slice(-('.tlog-proof'.length + 43), -11)}`;
    const judge = (...args: string[]) => spawnSync(process.execPath, [SECOND, ...args]).status;
    expect([judge(hers, file, leaf(hers)), judge(hers, file, leaf(his))]).toEqual([0, 6]);
  });

  test('S56 is good when all that it was about is erased: no leaf goes, and no root changes', async () => {
    const [file = ''] = await proofFiles('li-na');
    const heads = async () =>
      await queryDatabase(federation, 'consumer', 'SELECT size, root FROM ledger_checkpoint ORDER BY size');
    const before = await heads();
    const [ref] = refs;
    for (const table of ['access', 'consent_use', 'grant_holder', 'refusal'])
      await queryDatabase(federation, 'consumer', `DELETE FROM ${table} WHERE subject_ref = $1`, [ref]);
    await queryDatabase(federation, 'broker', 'DELETE FROM inquiry');
    for (const bureau of federation.card.bureaus)
      await queryDatabase(federation, bureau, 'DELETE FROM answer WHERE subject_ref = $1', [ref]);
    const ledgers = await fsckLedgers(federation.home);
    expect(ledgers.flatMap(({ findings }) => findings)).toEqual([]);
    expect((await heads()).slice(0, before.length)).toEqual(before);
    expect((await verify(file)).exit).toBe(0);
  });

  test('S53 verifies with every service stopped, under the directory that was seen last', async () => {
    const [file = ''] = await proofFiles('li-na');
    for (const process of federation.processes.values()) await process.stop();
    const { exit, said } = await verify(file, '--json');
    expect(exit).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ verdict: 'verified', comparison: { ledger: 'consumer' } });
    rmSync(join(federation.home, 'directory.json'));
    expect((await verify(file)).exit).toBe(3);
  });
});
