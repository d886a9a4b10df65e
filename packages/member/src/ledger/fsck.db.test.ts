import { noFaults } from '@causeway/kernel';
import { cosign, formatSignatures, noteSigner, parseNote } from '@causeway/ledger';
import type { Finding } from '@causeway/ledger';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog } from '@causeway/service';
import type { Database } from '@causeway/service';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { fsckLedger } from './fsck.ts';
import { createIntegrator } from './integrator.ts';
import { appendLeaves, leafDigest } from './placed-leaves.fixture.ts';

const log = createLog({ name: 'test', level: 'silent' });
const clock = { now: () => 1_780_000_000_000, monotonic: () => 0 };
const signer = noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7));
const witness = noteSigner('causeway/test/central/witness', 'cosignature', new Uint8Array(32).fill(8));
const signers = {
  ledger: { origin: 'causeway/test/broker', keys: [signer.key] },
  witnesses: [{ member: 'central', key: witness.key }],
};
/** Two tiles full, and an open one; checkpoints at 100, 400, 600 and 610. */
const sizes = [100, 300, 200, 10];
let server: TestDatabase;
let owner: Database<unknown>;

beforeAll(async () => {
  server = await testDatabase({ migrations: 'broker' });
  owner = createDatabase({ url: server.ownerUrl, name: 'owner', log });
  const integrator = createIntegrator({
    pool: owner.pool,
    signer,
    clock,
    faults: noFaults,
    maySign: () => true,
  });
  for (const size of sizes) {
    await appendLeaves(owner.pool, size);
    await integrator.integrate();
  }
  const { rows } = await owner.pool.query<{ note: string }>(
    'SELECT note FROM ledger_checkpoint WHERE size = 600',
  );
  const { text } = parseNote(rows[0]?.note ?? '');
  const line = formatSignatures([cosign(text, witness, 1_780_000_000)]);
  await change('INSERT INTO ledger_cosignature VALUES (600, $1, $2, 1780000000)', ['central', line]);
});
afterAll(async () => {
  await owner.close();
  await server.drop();
});

const tables = ['leaf', 'ledger_tile', 'ledger_checkpoint', 'ledger_cosignature', 'ledger_state'];

beforeEach(async () => {
  for (const table of tables) await change(`CREATE TABLE kept_${table} AS TABLE ${table}`);
});
/** Puts everything back as it was, and looks whether it is. */
afterEach(async () => {
  for (const table of tables.toReversed()) await change(`DELETE FROM ${table}`);
  await change('DROP INDEX IF EXISTS leaf_one_per_digest');
  await change('CREATE UNIQUE INDEX leaf_one_per_digest ON leaf (leaf_key(digest))');
  for (const table of tables) {
    await change(`INSERT INTO ${table} SELECT * FROM kept_${table}`);
    await change(`DROP TABLE kept_${table}`);
  }
  if ((await fsck()).length > 0) throw new Error('not put back');
});

const change = async (text: string, values: unknown[] = []): Promise<unknown> =>
  await owner.pool.query(text, values);

async function fsck(): Promise<readonly Finding[]> {
  return await fsckLedger({ pool: owner.pool, ...signers });
}

const found = (what: Finding['what'], at: string, detail: string): Finding[] => [{ what, at, detail }];
const other = leafDigest(9999);
const placed = (idx: number, digest: string): string =>
  `INSERT INTO leaf (idx, digest, typ, iss, aud, at_ms) VALUES (${idx}, '${digest}', 't', 'i', 'a', 0)`;
const flipped = (column: string, byte: number) =>
  `${column} = set_byte(${column}, ${byte}, get_byte(${column}, ${byte}) # 1)`;

test('a ledger that nobody touched has no finding', async () => {
  expect(await fsck()).toEqual([]);
});

test.each<[string, string[], Finding[]]>([
  [
    'a leaf changed under a tile',
    [`UPDATE leaf SET digest = '${other}' WHERE idx = 300`],
    found('leaf', '300', 'is not the one in its tile'),
  ],
  [
    'a leaf changed that no tile covers yet',
    [`UPDATE leaf SET digest = '${other}' WHERE idx = 605`],
    found('leaf', '600-609', 'not what the checkpoint of size 610 was signed over'),
  ],
  [
    'a leaf deleted under a tile',
    ['DELETE FROM leaf WHERE idx = 7'],
    found('leaf', '7', 'is missing, or no digest'),
  ],
  [
    'a leaf deleted that no tile covers yet',
    ['DELETE FROM leaf WHERE idx = 605'],
    found('leaf', '605', 'is missing, or no digest'),
  ],
  [
    'the last leaf deleted, and the size set back',
    ['DELETE FROM leaf WHERE idx = 609', 'UPDATE ledger_state SET size = 609'],
    [
      ...found('state', '609', 'a checkpoint has the size 610'),
      ...found('leaf', '609', 'is missing, or no digest'),
    ],
  ],
  [
    'two leaves in each other’s place',
    [
      'UPDATE leaf SET idx = 100000 WHERE idx = 40',
      'UPDATE leaf SET idx = 40 WHERE idx = 41',
      'UPDATE leaf SET idx = 41 WHERE idx = 100000',
    ],
    found('leaf', '40-41', 'is not the one in its tile'),
  ],
  [
    'a leaf inserted, and the others moved',
    [
      'UPDATE leaf SET idx = idx + 100001 WHERE idx >= 500',
      'UPDATE leaf SET idx = idx - 100000 WHERE idx >= 100000',
      placed(500, other),
      'UPDATE ledger_state SET size = 611',
    ],
    [
      ...found('leaf', '500-511', 'is not the one in its tile'),
      ...found('leaf', '400-599', 'not what the checkpoint of size 600 was signed over'),
    ],
  ],
  [
    'a leaf inserted behind the end',
    [placed(610, other)],
    found('leaf', '610', 'stands beyond the size of the ledger'),
  ],
  [
    'a leaf that stands twice',
    ['DROP INDEX leaf_one_per_digest', placed(610, leafDigest(5)), 'UPDATE ledger_state SET size = 611'],
    found('leaf', '610', 'the same as leaf 5'),
  ],
  [
    'a bit of a tile flipped',
    [`UPDATE ledger_tile SET ${flipped('bytes', 32 * 9 + 5)} WHERE level = 0 AND idx = 1`],
    found('tile', '0/1', 'its hash 9 is not that of the tree'),
  ],
  [
    'a bit of the hash over a tile flipped',
    [`UPDATE ledger_tile SET ${flipped('root', 3)} WHERE level = 0 AND idx = 1`],
    found('tile', '0/1', 'its root is not that of its hashes'),
  ],
  [
    'a tile deleted',
    ['DELETE FROM ledger_tile WHERE level = 0 AND idx = 0'],
    found('tile', '0/0', 'is missing'),
  ],
  [
    'a tile before its time',
    ['INSERT INTO ledger_tile SELECT 1, 0, bytes, root FROM ledger_tile WHERE idx = 0'],
    found('tile', '1/0', 'no checkpoint covers it'),
  ],
  [
    'the root of a checkpoint changed',
    [`UPDATE ledger_checkpoint SET ${flipped('root', 0)} WHERE size = 400`],
    found('checkpoint', '400', 'its note says another root'),
  ],
  [
    'a checkpoint under another size',
    [`INSERT INTO ledger_checkpoint SELECT 401, root, note, at_ms FROM ledger_checkpoint WHERE size = 400`],
    found('checkpoint', '401', 'its note says another size'),
  ],
  [
    'the text of a checkpoint changed',
    [`UPDATE ledger_checkpoint SET note = replace(note, E'\\n400\\n', E'\\n401\\n') WHERE size = 400`],
    found('checkpoint', '400', 'its note is refused: signature_invalid'),
  ],
  [
    'a checkpoint of another ledger',
    [`UPDATE ledger_checkpoint SET note = replace(note, 'broker', 'bureau') WHERE size = 400`],
    found('checkpoint', '400', 'its note is refused: origin_unexpected'),
  ],
  [
    'the cosignature of a witness on another checkpoint',
    ['UPDATE ledger_cosignature SET size = 610'],
    found('cosignature', '610 central', 'does not hold'),
  ],
  [
    'a size that is set back',
    ['UPDATE ledger_state SET size = 500'],
    found('state', '500', 'a checkpoint has the size 610'),
  ],
  [
    'a size ahead of the leaves',
    ['UPDATE ledger_state SET size = 613'],
    found('leaf', '610-612', 'is missing, or no digest'),
  ],
])('S51 %s, as owner of the database, is named, and nothing else', async (_what, statements, expected) => {
  for (const statement of statements) await change(statement);
  expect(await fsck()).toEqual(expected);
});

test('S51 a leaf that was rewritten with its tile is found by the next checkpoint', async () => {
  await change(`UPDATE leaf SET digest = '${other}' WHERE idx = 300`);
  await change('DELETE FROM ledger_tile WHERE idx = 1');
  const findings = await fsck();
  expect(findings).toEqual([
    { what: 'tile', at: '0/1', detail: 'is missing' },
    { what: 'leaf', at: '100-399', detail: 'not what the checkpoint of size 400 was signed over' },
  ]);
});

test('S11 what a replaced key of the ledger signed counts on; an old cosignature is not judged', async () => {
  const key = noteSigner(signer.key.name, 'note', new Uint8Array(32).fill(11)).key;
  const now = { ...signers.ledger, keys: [key] };
  const refused = await fsckLedger({ pool: owner.pool, ...signers, ledger: now });
  expect(refused.map(({ at, detail }) => [at, detail])).toContainEqual([
    ...['600', 'its note is refused: signature_missing'],
  ]);
  const retired = [{ key: signer.key, until_s: 1_790_000_000 }];
  const renewed = noteSigner(witness.key.name, 'cosignature', new Uint8Array(32).fill(12)).key;
  const known = {
    ledger: { ...now, retired },
    witnesses: [{ member: 'central', key: renewed }],
  };
  expect(await fsckLedger({ pool: owner.pool, ...known })).toEqual([]);
});

test('findings are told up to a bound', async () => {
  await change('DELETE FROM leaf WHERE idx % 2 = 0');
  const told = await fsckLedger({ pool: owner.pool, ...signers, findingsMax: 5 });
  expect(told.map(({ at }) => at)).toEqual(['0', '2', '4', '6', '8']);
});
