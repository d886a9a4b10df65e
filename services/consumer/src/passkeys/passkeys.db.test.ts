import { CausewayError, digestOf, enrolmentContent, verify } from '@causeway/protocol';
import { newPasskey, softPasskey, type SoftPasskey } from '@causeway/protocol/passkey.fixture';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ownerOf } from '../test-rows.ts';
import { actorByToken } from '../subjects/actor.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { enrol } from './enrol.ts';
import { acceptHandover, handoverOptions } from './hand-over.ts';
import { listPasskeys } from './list.ts';
import { beginRegistration, completeRegistration } from './register.ts';
import { removePasskey } from './remove.ts';
import { openEnrolment } from './sealed.ts';
import { enrolled, madeCredential, registered, type MadeChange } from './test-browser.ts';

const { lina, wang } = persons;
const ref = await refOf(lina);
const person = { identity: lina, ref };
const hours = (n: number) => n * 3_600_000;
let database: TestDatabase;
let world: World;
let one: SoftPasskey;
let two: SoftPasskey;
let n = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
/** Each test has its own person's passkeys: those of before are given to nobody. */
beforeEach(async () => {
  n += 1;
  [one, two] = [softPasskey(`one ${String(n)}`), softPasskey(`two ${String(n)}`)];
  const owner = ownerOf(database.ownerUrl, world);
  await owner.pool.query('TRUNCATE passkey, passkey_registration, passkey_notice, leaf_staging');
  await owner.close();
});

const states = async () => (await listPasskeys(world.consumer, [ref])).items.map(({ state }) => state).join();
const rowsOf = async (table: string) =>
  (await sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(world.consumer.db)).rows[0]
    ?.n;
const written = async () =>
  await Promise.all(['passkey', 'passkey_notice', 'leaf_staging', 'used_id_token'].map(rowsOf));

/** The code of a refusal, after which nothing has been written. */
async function refusal(act: () => Promise<unknown>): Promise<string> {
  const before = await written();
  const code = await act().then(
    () => 'accepted',
    (error: unknown) => (error instanceof CausewayError ? error.code : 'failed'),
  );
  expect(await written()).toEqual(before);
  return code;
}

const remove = async (id: string, identity: object = lina) => {
  const nonce = `remove-passkey:${id}`;
  const token = await world.idToken({ identity, nonce });
  await removePasskey(world.consumer, id, await actorByToken(world.consumer, token, nonce));
};

describe('a passkey', () => {
  test.each(['P-256', 'Ed25519', 'RSA'] as const)(
    'of %s is enrolled by a sign-in for exactly it, with its leaf and a notice',
    async (kind) => {
      const passkey = newPasskey(kind);
      const { content, id } = await registered(world, ref, passkey);
      const token = await world.idToken({ identity: lina, nonce: `enrol:${content}` });
      const row = await enrol(world.consumer, id, token);
      const jws = await openEnrolment(world.consumer, row);
      const context = { keys: world.directory.view.keys, fed: 'test', nowMs: world.clock.now() };
      const { claims, digest } = verify('enrolment', jws, {
        ...context,
        audience: 'central',
        received: 'first',
      });
      expect(claims).toMatchObject({ subject_ref: ref, evidence: digestOf(token) });
      expect(claims.public_key).toEqual(passkey.public_key);
      expect(enrolmentContent(claims)).toBe(content);
      const leaves = await world.consumer.db
        .selectFrom('passkey_notice')
        .select(['what', 'enrolment'])
        .execute();
      expect(leaves).toEqual([{ what: 'added', enrolment: digest }]);
      const { rows } = await sql`SELECT typ, digest FROM leaf_staging`.execute(world.consumer.db);
      expect(rows).toEqual([{ typ: 'enrolment', digest }]);
      expect(await states()).toBe('in_force');
    },
  );

  test('tells an authenticator nothing of the person, and is not made twice on one', async () => {
    const first = await beginRegistration(world.consumer, ref);
    expect(JSON.stringify(first)).not.toContain(ref);
    await enrolled(world, person, one);
    const { options } = await beginRegistration(world.consumer, ref);
    expect(options.excludeCredentials).toMatchObject([{ id: one.credential_id }]);
    expect(options.user.id).not.toBe(first.options.user.id);
  });
});

describe('S42 nobody gets a passkey', () => {
  test.each<[string, MadeChange]>([
    ['for another challenge', { challenge: 'AAAA' }],
    ['at another origin', { origin: 'https://evil.example' }],
    ['of an assertion', { type: 'webauthn.get' }],
    ['for another relying party', { rpId: 'evil.example' }],
    ['without being verified', { flags: 0x41 }],
    ['without being there', { flags: 0x44 }],
  ])('by a credential made %s', async (_what, change) => {
    const { id, options } = await beginRegistration(world.consumer, ref);
    const made = { id, ...madeCredential(one, options.challenge, change) };
    expect(await refusal(() => completeRegistration(world.consumer, ref, made))).toBe('assertion_invalid');
  });

  test('by a credential for somebody else’s registration, a second one, or one too late', async () => {
    const { id, options } = await beginRegistration(world.consumer, ref);
    const made = { id, ...madeCredential(one, options.challenge) };
    const other = await refOf(wang);
    expect(await refusal(() => completeRegistration(world.consumer, other, made))).toBe('not_found');
    await completeRegistration(world.consumer, ref, made);
    expect(await refusal(() => completeRegistration(world.consumer, ref, made))).toBe('conflict');
    const late = await beginRegistration(world.consumer, ref);
    world.clock.advance(15 * 60_000);
    const tooLate = { id: late.id, ...madeCredential(one, late.options.challenge) };
    expect(await refusal(() => completeRegistration(world.consumer, ref, tooLate))).toBe('not_found');
  });

  test('by a sign-in for another act or credential, of somebody else, or used before', async () => {
    const { content, id } = await registered(world, ref, one);
    const stray = await registered(world, ref, two);
    const token = async (nonce: string, identity: object = lina) => await world.idToken({ identity, nonce });
    const attempts: [string, string][] = [
      [await token(`session:${id}`), 'token_invalid'],
      [await token(`enrol:${stray.content}`), 'token_invalid'],
      [await token(`enrol:${content}`, wang), 'not_found'],
    ];
    for (const [each, code] of attempts)
      expect(await refusal(() => enrol(world.consumer, id, each))).toBe(code);
    const good = await token(`enrol:${content}`);
    await enrol(world.consumer, id, good);
    expect(await refusal(() => enrol(world.consumer, id, good))).toBe('not_found');
  });

  test('without limit: a few registrations at a time', async () => {
    for (let at = 0; at < 8; at += 1) await beginRegistration(world.consumer, ref);
    expect(await refusal(() => beginRegistration(world.consumer, ref))).toBe('rate_limited');
  });

  test('where the directory lists none for this service', async () => {
    const view = { ...world.directory.view, member: () => undefined };
    const bare = { ...world.consumer, directory: () => view };
    expect(await refusal(() => beginRegistration(bare, ref))).toBe('conflict');
    expect((await listPasskeys(bare, [ref])).available).toBe(false);
  });
});

describe('S41 a second passkey', () => {
  test('waits 72 hours and a minute, to the millisecond, and the first one signs until then', async () => {
    await enrolled(world, person, one);
    world.clock.advance(1000);
    const next = await enrolled(world, person, two);
    expect(next.counts_from_ms - next.enrolled_ms).toBe(hours(72) + 60_000);
    expect(await states()).toBe('waiting,in_force');
    world.clock.advance(next.counts_from_ms - 1 - world.clock.now());
    expect(await states()).toBe('waiting,in_force');
    world.clock.advance(1);
    expect(await states()).toBe('in_force,replaced');
  });

  test('counts at once where the first one signs for it', async () => {
    await enrolled(world, person, one);
    world.clock.advance(1000);
    const { enrolment, id } = await enrolled(world, person, two);
    const { options } = await handoverOptions(world.consumer, [ref], id);
    expect(options.challenge).toBe(enrolment.slice('sha-256:'.length));
    expect(options.allowCredentials).toMatchObject([{ id: one.credential_id }]);
    await acceptHandover(world.consumer, [ref], { id, assertion: one.assert(enrolment) });
    expect(await states()).toBe('in_force,replaced');
  });

  test('that is handed over ends the wait of every other', async () => {
    await enrolled(world, person, one);
    world.clock.advance(1000);
    await enrolled(world, person, softPasskey(`three ${String(n)}`));
    world.clock.advance(1000);
    const { enrolment, id } = await enrolled(world, person, two);
    expect(await states()).toBe('waiting,waiting,in_force');
    await acceptHandover(world.consumer, [ref], { id, assertion: one.assert(enrolment) });
    world.clock.advance(hours(80));
    expect(await states()).toBe('in_force,removed,replaced');
  });

  test('does not count by its own signature, that of another statement, or for somebody else', async () => {
    const first = await enrolled(world, person, one);
    world.clock.advance(1000);
    const { enrolment, id } = await enrolled(world, person, two);
    for (const assertion of [two.assert(enrolment), one.assert(first.enrolment)]) {
      expect(await refusal(() => acceptHandover(world.consumer, [ref], { id, assertion }))).toBe(
        'assertion_invalid',
      );
    }
    const assertion = one.assert(enrolment);
    const other = [await refOf(wang)];
    expect(await refusal(() => acceptHandover(world.consumer, other, { id, assertion }))).toBe('not_found');
    const own = { id: first.id, assertion };
    expect(await refusal(() => acceptHandover(world.consumer, [ref], own))).toBe('not_found');
    expect(await states()).toBe('waiting,in_force');
  });

  test('that is removed while it waits never counts', async () => {
    await enrolled(world, person, one);
    world.clock.advance(1000);
    const { id } = await enrolled(world, person, two);
    await remove(id);
    world.clock.advance(hours(73));
    expect(await states()).toBe('removed,in_force');
  });

  test('does not become the first because the first was removed', async () => {
    const first = await enrolled(world, person, one);
    await remove(first.id);
    expect(await states()).toBe('removed');
    world.clock.advance(1000);
    const { replaces } = await enrolled(world, person, two);
    expect(replaces).toBe(first.enrolment);
    expect(await states()).toBe('waiting,removed');
  });

  test('is removed by its owner alone, who has signed in for that; again changes nothing', async () => {
    const { id } = await enrolled(world, person, one);
    expect(await refusal(() => remove(id, wang))).toBe('not_found');
    await remove(id);
    world.clock.advance(1000);
    const before = await rowsOf('passkey_notice');
    await remove(id);
    expect(await rowsOf('passkey_notice')).toBe(before);
  });
});
