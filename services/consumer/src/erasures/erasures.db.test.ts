import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { CausewayError } from '@causeway/protocol';
import { softPasskey } from '@causeway/protocol/passkey.fixture';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { placeAlert } from '../fraud-alerts/service.ts';
import { freeze, listFreezes, thaw } from '../freezes/service.ts';
import { openWindow, openingNonce } from '../freezes/windows.ts';
import { enrolled } from '../passkeys/test-browser.ts';
import { listReceipts } from '../receipts/service.ts';
import { sendDue } from '../stops/spread.ts';
import { openSession } from '../sessions/service.ts';
import { actorByToken } from '../subjects/actor.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { askErasure, eraseNonce, withdrawErasure } from './ask.ts';
import { bringErasures } from './bring.ts';
import { viewErasure } from './view.ts';
import { ErasuresWaiting } from './waiting.ts';

let database: TestDatabase;
let world: World;
let owner: pg.Pool;
let person: { scheme: string; value: string };
let ref: string;
let acts = 0;
let persons = 0;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  owner = new pg.Pool({ connectionString: database.ownerUrl, max: 2 });
});
beforeEach(async () => {
  world.nodes.reset();
  person = sandboxIdentifier(String((persons += 1)));
  ref = await refOf(person);
});
afterAll(async () => {
  await owner.end();
  await world.close();
  await database.drop();
});

const terms = { fetch: 'periodic', max_uses: 9 } as const;
const redeem = async (consent: string) => {
  const { jws } = world.inquiry({ subject_ref: ref, consent: consent as never });
  return await world.redemptions.redeem({ inquiry: jws }, 'broker');
};
const actor = async (nonce: string) => {
  const token = await world.idToken({ identity: person, nonce, jti: `jti-${(acts += 1)}` });
  return await actorByToken(world.consumer, token, nonce);
};
const ask = async () => await askErasure(world.consumer, await actor(eraseNonce));
/** What a node was told to erase of this person: of whom else is the business of earlier tests. */
const toldOf = (node: string) =>
  world.nodes.node(node).erased.filter(({ subject_refs: refs }) => refs.includes(ref));
/** The stops of this person that a node has taken. */
const stopsOf = (node: string) =>
  world.nodes.taken(node).filter(({ subject_refs: refs }) => refs.includes(ref));
const view = async () => await viewErasure(world.consumer, [ref]);

/** What is on its way to a node at the end is waited for: a moment passes before the erasure is brought. */
async function bring(by = world.consumer): Promise<void> {
  await bringErasures(by);
  world.clock.advance(7000);
  await bringErasures(by);
}

/** As if all that must be kept had been kept long enough. */
async function sixYearsLater(): Promise<void> {
  const ms = 6 * 366 * 86_400_000;
  for (const text of [
    'UPDATE erasure SET asked_ms = asked_ms - $1, due_ms = due_ms - $1',
    'UPDATE access SET at_ms = at_ms - $1',
    'UPDATE consent SET state_since_ms = state_since_ms - $1',
  ])
    await owner.query(text, [ms]);
}

/** Tables in which something of them stands; a staged leaf is out of them once it has its place. */
async function tablesWithHer(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    if (name === 'leaf_staging') continue;
    const text = `SELECT 1 FROM "${name}" AS each WHERE each::text LIKE $1 LIMIT 1`;
    if ((await owner.query(text, [`%${ref}%`])).rowCount !== 0) found.push(name);
  }
  return found;
}

describe('who asks to be erased', () => {
  test('S56 is granted to nobody from then on, also through a window and under every consent', async () => {
    const { digest } = await world.consentOf(person, terms);
    const frozen = await freeze(world.consumer, { subjectRef: ref });
    const opening = { lender: 'abc-bank', minutes: 60 };
    await openWindow(world.consumer, frozen.id, opening, await actor(openingNonce(frozen.id, opening)));
    expect(await redeem(digest)).toMatchObject({ use: 1 });
    const asked = await ask();
    expect(asked).toMatchObject({ status: 'restricted', stop: { waiting: [] } });
    expect(asked.stop?.acknowledgements.map(({ node }) => node)).toContain('central');
    expect(await redeem(digest)).toMatchObject({ code: 'subject_frozen' });
    await expect(thaw(world.consumer, frozen.id, await actor(`thaw:${frozen.id}`))).rejects.toMatchObject({
      code: 'conflict',
    });
    const again = openWindow(
      world.consumer,
      frozen.id,
      opening,
      await actor(openingNonce(frozen.id, opening)),
    );
    await expect(again).rejects.toMatchObject({ code: 'conflict' });
    await expect(world.consentOf(person, terms)).rejects.toMatchObject({ code: 'conflict' });
    expect(await redeem(digest)).toMatchObject({ code: 'subject_frozen' });
  });

  test('S56 takes it back: the freeze can be lifted, and nothing that was revoked is back', async () => {
    const { digest } = await world.consentOf(person, terms);
    const first = await ask();
    expect((await ask()).id).toBe(first.id);
    expect(await withdrawErasure(world.consumer, [ref])).toMatchObject({ status: 'none' });
    await expect(withdrawErasure(world.consumer, [ref])).rejects.toMatchObject({ code: 'not_found' });
    const standing = await freeze(world.consumer, { subjectRef: ref });
    await thaw(world.consumer, standing.id, await actor(`thaw:${standing.id}`));
    expect(await redeem(digest)).toMatchObject({ code: 'consent_revoked' });
    const next = await world.consentOf(person, terms);
    expect(await redeem(next.digest)).toMatchObject({ use: 1 });
  });

  test('S56 is told by which law until when, and the longest decides', async () => {
    const before = await view();
    expect(before).toMatchObject({ status: 'none', kept: [{ rule: 'cn.keep.adverse' }] });
    const { digest } = await world.consentOf(person, terms);
    await redeem(digest);
    const { due_at, kept } = await ask();
    expect(kept.map(({ rule }) => rule).toSorted()).toEqual([
      ...['cn.keep.accesses', 'cn.keep.adverse', 'cn.keep.consents'],
    ]);
    expect(due_at).toBe(kept[0]?.until);
    expect(due_at.slice(0, 4)).toBe('2031');
  });
});

describe('every node', () => {
  const told = (node: string) => stopsOf(node).map(({ action, restricts }) => [action, restricts === true]);
  const everybody = ['broker', 'other-broker', 'central', 'lotus', 'harbour'];

  test('S56 is told of the restriction, whoever has asked it before or not, and of its end', async () => {
    const asked = await ask();
    const named = [...(asked.stop?.acknowledgements ?? []).map(({ node }) => node)];
    expect(named.toSorted()).toEqual(everybody.toSorted());
    const { items } = await listFreezes(world.consumer, [ref]);
    expect(items).toMatchObject([{ status: 'frozen', restricts: true }]);
    await withdrawErasure(world.consumer, [ref]);
    const after = await listFreezes(world.consumer, [ref]);
    expect(after.items).toMatchObject([{ status: 'frozen', acknowledgements: { length: 5 }, waiting: [] }]);
    expect(after.items[0]).not.toHaveProperty('restricts');
    const id = after.items[0]?.id ?? '';
    await thaw(world.consumer, id, await actor(`thaw:${id}`));
    for (const node of everybody)
      expect(told(node)).toEqual([
        ['freeze', true],
        ['freeze', false],
        ['thaw', false],
      ]);
    const { items: receipts } = await listReceipts(world.consumer, [ref], undefined);
    expect(receipts.map(({ change }) => change).toSorted()).toEqual(['frozen', 'restricted', 'thawed']);
  });
});

describe('a node that has not seen the restriction', () => {
  const waiting = async () => {
    const view_ = await view();
    return [view_.status, view_.waiting];
  };

  test('S56 is told of it first; its erasure names the version that it has acknowledged', async () => {
    world.nodes.node('lotus').behaviour = async () => {
      world.clock.advance(5000);
      throw new CausewayError('unavailable');
    };
    await ask();
    await sixYearsLater();
    world.nodes.node('lotus').behaviour = 'away';
    await bring();
    expect(await waiting()).toEqual(['erasing', ['lotus']]);
    expect(toldOf('lotus')).toEqual([]);
    world.nodes.node('lotus').behaviour = 'acks';
    world.clock.advance(600_000);
    await bringErasures(world.consumer);
    expect(await waiting()).toEqual(['erasing', ['lotus']]);
    await sendDue(world.consumer);
    world.clock.advance(600_000);
    await bringErasures(world.consumer);
    const [lotus] = toldOf('lotus');
    const [central] = toldOf('central');
    expect(lotus?.restriction).toMatch(/^sha-256:/u);
    expect(lotus?.restriction).not.toBe(central?.restriction);
    expect(await tablesWithHer()).toEqual([]);
  });

  test('S56 and has joined since is told of it like the others', async () => {
    const { entries } = world.directory;
    const newcomer = entries.get('harbour');
    entries.delete('harbour');
    await ask();
    expect(stopsOf('harbour')).toEqual([]);
    await sixYearsLater();
    if (newcomer !== undefined) entries.set('harbour', newcomer);
    await bring();
    expect(await waiting()).toEqual(['erasing', ['harbour']]);
    await sendDue(world.consumer);
    expect(world.nodes.node('harbour').received.size).toBe(1);
    world.clock.advance(600_000);
    await bringErasures(world.consumer);
    expect(toldOf('harbour')).toMatchObject([{ subject_refs: [ref] }]);
    expect(await tablesWithHer()).toEqual([]);
  });

  test('S56 and has forgotten it is told again, and counts from then', async () => {
    await ask();
    await sixYearsLater();
    world.nodes.forget('central');
    await bring();
    expect(await waiting()).toEqual(['erasing', ['central']]);
    world.clock.advance(60_000);
    await sendDue(world.consumer);
    expect(stopsOf('central').length).toBeGreaterThan(0);
    await bringErasures(world.consumer);
    expect(toldOf('central')).toMatchObject([{ subject_refs: [ref] }]);
    expect(await tablesWithHer()).toEqual([]);
  });
});

describe('a node that must keep something for longer', () => {
  test('S56 is asked again a day later, and nothing goes here before it; the operator sees it', async () => {
    await world.consentOf(person, terms);
    await ask();
    await sixYearsLater();
    const dayMs = 86_400_000;
    const lotus = world.nodes.node('lotus');
    lotus.keepsUntilMs = world.clock.now() + 2 * dayMs;
    await bring();
    const seen = new ErasuresWaiting();
    await seen.measure(world.consumer.db);
    expect(seen.byNode().get('lotus')).toBeGreaterThan(0);
    expect(JSON.stringify([...seen.byNode()])).not.toContain(ref.slice(5));
    const others = seen.byNode().get('central') ?? 0;
    expect((seen.byNode().get('lotus') ?? 0) - others).toBe(1);
    for (const hours of [1, 22]) {
      world.clock.advance(hours * 3_600_000);
      await bringErasures(world.consumer);
    }
    expect(await view()).toMatchObject({ status: 'erasing', waiting: ['lotus'] });
    expect((await tablesWithHer()).length).toBeGreaterThan(3);
    world.clock.advance(2 * dayMs);
    await bringErasures(world.consumer);
    expect(toldOf('lotus')).toHaveLength(1);
    expect(await tablesWithHer()).toEqual([]);
    await seen.measure(world.consumer.db);
    expect(seen.byNode().get('lotus')).toBe(seen.byNode().get('central') ?? 0);
  });
});

describe('when the time is over', () => {
  test('S56 every node is brought the erasure, and here all of it goes last', async () => {
    const { digest } = await world.consentOf(person, terms);
    await redeem(digest);
    await enrolled(world, { identity: person, ref }, softPasskey(ref));
    await placeAlert(world.consumer, ref, { text: 'Ask me first', days: 30 });
    const { session } = await openSession(
      world.consumer,
      await world.idToken({ identity: person, nonce: 'session:00000000-0000-4000-8000-000000000001' }),
    );
    expect(session).toBeDefined();
    await ask();
    await bring();
    expect(await view()).toMatchObject({ status: 'restricted' });
    await sixYearsLater();
    world.nodes.node('lotus').behaviour = 'away';
    await bring();
    expect(await view()).toMatchObject({ status: 'erasing', waiting: ['lotus'] });
    await expect(withdrawErasure(world.consumer, [ref])).rejects.toMatchObject({ code: 'conflict' });
    expect((await tablesWithHer()).length).toBeGreaterThan(5);
    const { life } = await world.consumer.subjectKeys.of(ref);
    world.nodes.node('lotus').behaviour = 'acks';
    const arrived = stopsOf('lotus');
    world.clock.advance(60_000);
    await bringErasures(world.consumer);
    expect(await tablesWithHer()).toEqual([]);
    // What lotus had not been told of is not told after it: it would begin a life there.
    await sendDue(world.consumer);
    expect(stopsOf('lotus')).toEqual(arrived);
    expect((await world.consumer.subjectKeys.of(ref)).life).not.toBe(life);
    for (const node of ['broker', 'other-broker', 'central', 'lotus', 'harbour']) {
      expect(toldOf(node)).toMatchObject([{ subject_refs: [ref] }]);
    }
    const proofs = await owner.query<{ node: string }>(
      'SELECT DISTINCT node FROM erasure_proof ORDER BY node',
    );
    expect(proofs.rows.map(({ node }) => node)).toEqual([
      ...['broker', 'central', 'harbour', 'lotus', 'other-broker'],
    ]);
    const fresh = await world.consentOf(person, terms);
    expect(await redeem(fresh.digest)).toMatchObject({ use: 1 });
  });

  test('S56 what has come since is kept as long as the law says: the end moves', async () => {
    const { digest } = await world.consentOf(person, terms);
    await ask();
    await sixYearsLater();
    await redeem(digest);
    await bring();
    const { due_at, status } = await view();
    expect([status, due_at.slice(0, 4)]).toEqual(['restricted', '2029']);
    expect(toldOf('central')).toEqual([]);
  });

  test('S56 all references of the person go, those of both epochs', async () => {
    world.epochs.push('2');
    await openSession(
      world.consumer,
      await world.idToken({ identity: person, nonce: 'session:00000000-0000-4000-8000-000000000002' }),
    );
    world.epochs.pop();
    const second = await refOf(person, '2');
    await ask();
    await sixYearsLater();
    await bring();
    const [taken] = toldOf('central');
    expect(taken?.subject_refs.toSorted()).toEqual([ref, second].toSorted());
    expect(await tablesWithHer()).toEqual([]);
    ref = second;
    expect(await tablesWithHer()).toEqual([]);
  });

  test('S56 a reference that is linked while nodes are waited for goes with them everywhere', async () => {
    await ask();
    await sixYearsLater();
    world.nodes.node('lotus').behaviour = 'away';
    await bring();
    expect(await view()).toMatchObject({ status: 'erasing', waiting: ['lotus'] });
    world.nodes.node('lotus').behaviour = 'acks';
    world.epochs.push('2');
    await openSession(
      world.consumer,
      await world.idToken({ identity: person, nonce: 'session:00000000-0000-4000-8000-000000000003' }),
    );
    world.epochs.pop();
    const second = await refOf(person, '2');
    expect((await view()).waiting).toHaveLength(5);
    world.clock.advance(7000);
    await sendDue(world.consumer);
    world.clock.advance(600_000);
    await bringErasures(world.consumer);
    for (const node of ['broker', 'other-broker', 'central', 'lotus', 'harbour'])
      expect(toldOf(node).at(-1)?.subject_refs.toSorted()).toEqual([ref, second].toSorted());
    const proofs = 'SELECT node FROM erasure_proof GROUP BY node HAVING count(*) > 1';
    expect((await owner.query(proofs)).rowCount).toBeGreaterThan(0);
    expect(await tablesWithHer()).toEqual([]);
    ref = second;
    expect(await tablesWithHer()).toEqual([]);
  });

  test('S56 killed between its key and its rows, the next round ends it', async () => {
    await world.consentOf(person, terms);
    await ask();
    await sixYearsLater();
    const faults = {
      at: (point: string) => {
        if (point === 'keys-destroyed') throw new RangeError('killed');
      },
    };
    await expect(bring({ ...world.consumer, faults })).rejects.toThrow('killed');
    expect((await tablesWithHer()).length).toBeGreaterThan(3);
    await bringErasures(world.consumer);
    expect(await tablesWithHer()).toEqual([]);
  });
});
