import { sha256Digest } from '@causeway/protocol';
import { otherSubject, subject } from '@causeway/protocol/federation.fixture';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { transaction } from '@causeway/service';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { account, createWorld, type World } from '../test-world.ts';
import { keptHere } from './kept-here.ts';

let database: TestDatabase;
let world: World;
/** The service itself may not write all that may be there. */
let owner: pg.Pool;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  owner = new pg.Pool({ connectionString: database.ownerUrl, max: 1 });
});
beforeEach(async () => {
  await world.reset();
});
afterAll(async () => {
  await owner.end();
  await world.close();
  await database.drop();
});

const somebody = (name: string): string => `s1.1.${sha256Digest(name).slice('sha-256:'.length)}`;
const restricted = Date.UTC(2026, 10, 26, 10);

/** Until when what is here of a subject who was restricted then must be kept. */
async function until(ref: string): Promise<string> {
  const of = { ref, subject: 'a bureau looks by the reference' };
  const ms = await transaction(world.bureau.db, async (trx) => await keptHere(trx, of, restricted));
  return new Date(ms).toISOString();
}

test('S56 what a bureau has of a subject says how long it must be kept, the longest of it', async () => {
  expect(await until(subject)).toBe('2026-11-26T10:00:00.000Z');
  const inquiry = world.inquiry();
  await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
  expect(await until(subject)).toBe('2029-11-26T10:00:00.000Z');
  await world.store(subject, [account('a')]);
  expect(await until(subject)).toBe('2031-11-26T10:00:00.000Z');
  expect(await until(otherSubject)).toBe('2026-11-26T10:00:00.000Z');
});

test.each([
  ['a native system has some', 2031, "INSERT INTO roster (subject_ref, sealed) VALUES ($1, '\\x00')"],
  [
    'a passkey was pinned',
    2029,
    `INSERT INTO enrolment_pin (subject_ref, digest, credential_id, public_key, issued_at, counts_from,
        pinned_ms)
      VALUES ($1, 'd', 'c', 'k', 1, 1, 1)`,
  ],
  [
    'there was a dispute',
    2029,
    `INSERT INTO dispute (subject_ref, id, digest, iss, record, keys, categories, reason, words, state,
        dossier, received_ms, steps)
      VALUES ($1, 'i', 'd', 'consumer', 'r', '[]', '{}', 'other', '\\x00', 'closed', '{}', 1, 1)`,
  ],
  [
    'what was deleted has left a tombstone',
    2031,
    `INSERT INTO tombstone (subject_ref, record, source_record_id, version, as_of, digest, valid_from_ms,
        valid_to_ms, rule, buried_ms)
      VALUES ($1, 'account', 'a', 1, '2026-11-20', 'd', 1, 2, 'deleted', 3)`,
  ],
])('S56 it is kept where %s, until %i', async (what, year, text) => {
  const ref = somebody(what);
  await owner.query(text, [ref]);
  expect((await until(ref)).slice(0, 4)).toBe(String(year));
});

test('S56 what only stands to stop things keeps nobody', async () => {
  const ref = somebody('frozen');
  await owner.query(
    `INSERT INTO subject_status (subject_ref, state, sequence, status_digest, restricts_from_ms)
      VALUES ($1, 'frozen', 1, 'd', $2)`,
    [ref, restricted],
  );
  await world.bureau.subjectKeys.of(ref);
  expect(await until(ref)).toBe('2026-11-26T10:00:00.000Z');
});
