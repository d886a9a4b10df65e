import type { FaultPoint } from '@causeway/kernel';
import { lockSubjectsExclusive, memberKey } from '@causeway/member';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import type { DirectoryView, MemberEntry } from '@causeway/protocol';
import { transaction, type Database } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { added, ownerOf, refusalOnly } from '../test-rows.ts';
import { createWorld, persons, refOf, type World } from '../test-world.ts';
import { redeemAll, type RedemptionResult } from './batch.ts';
import type { Redemptions } from './redemptions.ts';

let database: TestDatabase;
let world: World;
let owner: Database<unknown>;
const by = { presenter: 'broker', requestId: 'r' };

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  owner = ownerOf(database.ownerUrl, world);
});
beforeEach(async () => {
  await owner.pool.query('DELETE FROM directory_state');
});
afterAll(async () => {
  await owner.close();
  await world.close();
  await database.drop();
});

const lina = await refOf(persons.lina);
const wang = await refOf(persons.wang);

const redeem = async (jwss: readonly string[], on: Redemptions = world.redemptions) =>
  await redeemAll(
    world.consumer,
    on,
    jwss.map((inquiry) => ({ inquiry })),
    by,
  );
const inquiries = (n: number, consent: string, subjectRef = lina): string[] =>
  Array.from({ length: n }, () => world.inquiry({ subject_ref: subjectRef, consent: consent as never }).jws);
const shape = (result: RedemptionResult): string | number =>
  'use' in result ? result.use : 'code' in result ? result.code : result.error.code;
const uses = async (consent: string): Promise<number | undefined> => {
  const rows = await owner.pool.query<{ uses: number }>('SELECT uses FROM consent WHERE digest = $1', [
    consent,
  ]);
  return rows.rows[0]?.uses;
};

describe('one batch', () => {
  test('S38 two inquiries on one consent get two use numbers, whatever else is in it', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 5 });
    const other = await world.consentOf(persons.wang);
    const mixed = [...inquiries(2, digest), ...inquiries(1, other.digest, wang), ...inquiries(1, digest)];
    const [a, b, other1, c] = (await redeem(mixed)).map(shape);
    expect([new Set([a, b, c]), other1]).toEqual([new Set([1, 2, 3]), 1]);
    expect([await uses(digest), await uses(other.digest)]).toEqual([3, 1]);
  });

  test('S38 a consent with one use left gives exactly one of them, and the others are refused', async () => {
    const { digest } = await world.consentOf(persons.lina);
    const results = (await redeem(inquiries(20, digest))).map(shape);
    expect(results.filter((result) => result === 1)).toHaveLength(1);
    expect(results.filter((result) => result === 'consent_used_up')).toHaveLength(19);
    expect(await uses(digest)).toBe(1);
  });

  test('a bad item fails alone: the others are granted, and it writes nothing', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 9 });
    const [first = '', second = '', third = ''] = inquiries(3, digest);
    const bad = [`${first.slice(0, -6)}AAAAAA`, 'x.y.z', await expired(digest)];
    const adds = await added(world, async () => {
      const [one, ...rest] = (await redeem([first, ...bad, second, third])).map(shape);
      expect(rest.slice(0, 3)).toEqual(['signature_invalid', 'statement_malformed', 'expired']);
      expect(new Set([one, ...rest.slice(3)])).toEqual(new Set([1, 2, 3]));
    });
    expect(adds).toEqual({ consent_use: 3, grant_holder: 9, access: 3, leaf_staging: 9, uses: 3 });
  });

  /** An inquiry that has lived out its day. */
  async function expired(consent: string): Promise<string> {
    const nowS = Math.floor(world.clock.now() / 1000);
    const times = { iat: nowS - 100, deadline: nowS - 50, exp: nowS - 10 };
    return world.inquiry({ subject_ref: lina, consent: consent as never, ...times }).jws;
  }

  test('refused, granted and renewed items stand side by side, each as it would be alone', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 9 });
    const [known = '', fresh = ''] = inquiries(2, digest);
    await redeem([known]);
    const foreign = world.inquiry({ subject_ref: lina, consent: digest }, 'evergreen').jws;
    const adds = await added(world, async () => {
      const results = await redeem([foreign, known, fresh]);
      expect(results.map(shape)).toEqual(['not_authorised', 1, 2]);
      expect(results[1]).toMatchObject({ grants: { length: 3 } });
    });
    const granted = { consent_use: 1, grant_holder: 3, uses: 1 };
    expect(adds).toEqual({ ...granted, refusal: 1, access: 2, leaf_staging: 1 + 3 + 3 });
    expect(await added(world, async () => await redeem([foreign]))).toEqual({});
  });

  test('a whole batch of renewals spends nothing', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 30 });
    const all = inquiries(30, digest);
    const first = (await redeem(all)).map(shape);
    expect(await added(world, async () => expect((await redeem(all)).map(shape)).toEqual(first))).toEqual({
      leaf_staging: 90,
    });
    expect(await uses(digest)).toBe(30);
  });
});

describe('two processes on one database', () => {
  test('S38 fifty parallel redemptions of a one-time consent give one grant', async () => {
    const replica = world.replica();
    for (let round = 0; round < 4; round += 1) {
      const { digest } = await world.consentOf(persons.lina);
      const all = inquiries(50, digest);
      const results = await Promise.all(
        all.map(async (jws, at) => await redeem([jws], at % 2 ? replica.redemptions : world.redemptions)),
      );
      const came = results.flat().map(shape);
      expect(came.filter((one) => one === 1)).toHaveLength(1);
      expect(came.filter((one) => one === 'consent_used_up')).toHaveLength(49);
    }
    await replica.close();
  });

  test('S38 fifty copies of one inquiry spend one use between both', async () => {
    const replica = world.replica();
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 60 });
    const [jws = ''] = inquiries(1, digest);
    const copies = Array.from({ length: 50 }, async (_, at) =>
      redeem([jws], at % 2 ? replica.redemptions : world.redemptions),
    );
    expect(new Set((await Promise.all(copies)).flat().map(shape))).toEqual(new Set([1]));
    expect(await uses(digest)).toBe(1);
    await replica.close();
  });

  test('a refusal that both decide at once is one refusal, with the same bytes', async () => {
    const replica = world.replica();
    const { digest } = await world.consentOf(persons.wang);
    for (let round = 0; round < 5; round += 1) {
      const [jws = ''] = inquiries(1, digest);
      let came: RedemptionResult[] = [];
      const adds = await added(world, async () => {
        const both = [redeem([jws]), redeem([jws], replica.redemptions)];
        came = (await Promise.all(both)).flat();
      });
      expect(adds).toEqual(refusalOnly);
      expect(came[0]).toEqual(came[1]);
    }
    await replica.close();
  });

  test('S38 S83 one dies amid its transaction: one grant all the same, and nothing is lost', async () => {
    const { digest } = await world.consentOf(persons.lina);
    const dying = world.replica({ faults: { at: async (point) => await killAt(point) } }, 'dying');
    const all = inquiries(50, digest);
    const died = (await redeem(all, dying.redemptions)).map(shape);
    expect(new Set(died)).toEqual(new Set(['unavailable']));
    expect(await uses(digest)).toBe(0);
    const came = (await redeem(all)).map(shape);
    expect(came.filter((one) => one === 1)).toHaveLength(1);
    expect(await uses(digest)).toBe(1);
    await dying.close();
  });

  /** Ends the connections of the dying process before they can commit. */
  async function killAt(point: FaultPoint): Promise<void> {
    if (point !== 'grants-decided') return;
    // The service's own role may end its own sessions.
    await world.consumer.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'dying' AND state LIKE 'idle in transaction%'`,
    );
  }

  test('S38 one dies between commit and answer: asked again, the inquiry has the same use', async () => {
    const { digest } = await world.consentOf(persons.lina);
    let deaths = 0;
    const dying = world.replica({
      faults: {
        at: (point) => {
          if (point === 'grants-committed' && (deaths += 1) < 3) throw new Error('killed');
        },
      },
    });
    const [jws = ''] = inquiries(1, digest);
    expect((await redeem([jws], dying.redemptions)).map(shape)).toEqual(['internal']);
    expect((await redeem([jws])).map(shape)).toEqual([1]);
    expect(await uses(digest)).toBe(1);
    await dying.close();
  });
});

describe('S31 a suspended member', () => {
  const suspended = (id: string): DirectoryView => {
    const entries = new Map(world.directory.entries);
    const entry = entries.get(id);
    if (entry) entries.set(id, { ...entry, status: 'suspended' } satisfies MemberEntry);
    const { view } = world.directory;
    const keys: DirectoryView['keys'] = (kid) => {
      const key = view.keys(kid);
      return key && { ...key, member_status: key.member === id ? 'suspended' : 'active' };
    };
    return { ...view, version: view.version + 1, keys, member: (member) => entries.get(member) };
  };
  const adopted = async (version: number): Promise<void> => {
    await owner.pool.query(`INSERT INTO directory_state (version, head) VALUES ($1, '')`, [version]);
  };

  test('gets nothing for what it queued before, and nothing is written', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 200 });
    const queued = inquiries(100, digest);
    const later = world.replica({ directory: () => suspended('abc-bank') });
    const adds = await added(world, async () => {
      const came = (await redeem(queued, later.redemptions)).map(shape);
      expect(new Set(came)).toEqual(new Set(['member_suspended']));
    });
    expect(adds).toEqual({});
    await later.close();
  });

  test('a process that is behind grants nothing until it has caught up with the other', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 9 });
    await adopted(4);
    let view = world.consumer.directory();
    const behind = world.replica({
      directory: () => view,
      catchUp: async (version) => {
        expect(version).toBe(4);
        view = suspended('abc-bank');
      },
    });
    const adds = await added(world, async () => {
      expect((await redeem(inquiries(3, digest), behind.redemptions)).map(shape)).toEqual(
        Array.from({ length: 3 }, () => 'member_suspended'),
      );
    });
    expect(adds).toEqual({});
    await behind.close();
  });

  test('where it cannot catch up it is not ready', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 9 });
    await adopted(4);
    const adds = await added(world, async () => {
      expect((await redeem(inquiries(2, digest))).map(shape)).toEqual(['not_ready', 'not_ready']);
    });
    expect(adds).toEqual({});
  });

  test('whoever drains the member waits for the redemptions under way', async () => {
    const { digest } = await world.consentOf(persons.lina, { fetch: 'periodic', max_uses: 9 });
    const [inside, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const slow = world.replica({
      faults: {
        at: async (point) => {
          if (point !== 'grants-decided') return;
          inside.resolve();
          await letGo.promise;
        },
      },
    });
    const order: string[] = [];
    const granted = redeem(inquiries(1, digest), slow.redemptions).then(() => order.push('granted'));
    await inside.promise;
    const drained = transaction(world.consumer.db, async (trx) => {
      await lockSubjectsExclusive(trx, [memberKey('abc-bank')]);
      order.push('drained');
    });
    const evergreen = world.inquiry({ subject_ref: wang, consent: digest }, 'evergreen').jws;
    expect((await redeem([evergreen])).map(shape)).toEqual(['not_authorised']);
    await vi.waitFor(async () => expect(await waiting()).toBe(1));
    expect(order).toEqual([]);
    letGo.resolve();
    await Promise.all([granted, drained]);
    // With the commit the lock is free, and who waited for it may be told before who was granted.
    expect(order.toSorted()).toEqual(['drained', 'granted']);
    await slow.close();
  });
});

async function waiting(): Promise<number | null> {
  const text = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database =
    (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return (await owner.pool.query(text)).rowCount;
}
