import { parseNote, parseSignatures, verifyCosignatures } from '@causeway/ledger';
import type { App } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { ledgerOrigin } from '../ledger/ledger-name.ts';
import { Cosigning } from './cosigning.ts';
import { witnessesFor } from './known-ledgers.ts';
import { LedgerGuard } from './ledger-guard.ts';
import { ledgerDatabase } from './ledger-tables.fixture.ts';
import type { LedgerDatabase } from './ledger-tables.fixture.ts';
import {
  callsTo,
  clock,
  fed,
  ledgerDirectory,
  log,
  TestLedger,
  witnessApp,
  witnessSigner,
} from './ledgers.fixture.ts';
import { QuorumWatch } from './quorum-watch.ts';
import { witnessOrder } from './witness-order.ts';

const members = ['authority', 'consumer', 'broker', 'lotus', 'central'];
const databases = new Map<string, LedgerDatabase>();
const apps = new Map<string, App>();
let own: LedgerDatabase;

beforeAll(async () => {
  for (const member of members) {
    const database = await ledgerDatabase();
    databases.set(member, database);
    apps.set(member, await witnessApp(database.pool, member));
  }
  own = await ledgerDatabase();
});
beforeEach(async () => {
  const all = [own, ...databases.values()];
  const tables = 'TRUNCATE witnessed, ledger_alarm, ledger_alarm_closed, ledger_cosignature';
  await Promise.all(all.map(async (database) => await database.asOwner(tables)));
});
afterAll(async () => {
  await Promise.all([...apps.values()].map(async (app) => await app.close()));
  await Promise.all([own, ...databases.values()].map(async (database) => await database.drop()));
});

function processOf(tree: TestLedger, without: readonly string[] = []) {
  const federation = callsTo(new Map([...apps].filter(([member]) => !without.includes(member))));
  const latest = () => ledgerDirectory();
  const parts = { fed, member: tree.member, tree, pool: own.pool, federation, latest, clock, log };
  const cosigning = new Cosigning({ ...parts, guard: new LedgerGuard(parts) });
  const posts = () => federation.asked.filter((call) => call.startsWith('POST'));
  return {
    federation,
    posts,
    round: async () => await cosigning.round(new AbortController().signal),
    watch: new QuorumWatch(parts),
  };
}

async function cosigners(size: number): Promise<string[]> {
  const text = 'SELECT witness FROM ledger_cosignature WHERE size = $1 ORDER BY witness';
  const { rows } = await own.pool.query<{ witness: string }>(text, [size]);
  return rows.map(({ witness }) => witness);
}

const orderOf = (member: string): string[] =>
  witnessOrder(ledgerOrigin(fed, member), witnessesFor(ledgerDirectory(), member)).map((one) => one.member);

describe('the newest checkpoint', () => {
  test('is cosigned by the authority and one other, and by nobody else', async () => {
    const { posts, round } = processOf(new TestLedger('central').grow(20));
    await round();
    const [first = '', second = ''] = orderOf('central');
    expect(first).toBe('authority');
    expect(await cosigners(20)).toEqual([first, second].toSorted());
    await round();
    expect(posts()).toHaveLength(2);
  });

  test('of the authority by two others, never by itself', async () => {
    const { posts, round } = processOf(new TestLedger('authority').grow(3));
    await round();
    expect(await cosigners(3)).toEqual(orderOf('authority').slice(0, 2).toSorted());
    expect(posts()).not.toContain('POST authority');
  });

  test('grows: each next one needs one call of each, with the proof from what the witness has', async () => {
    const tree = new TestLedger('central').grow(20);
    const { posts, round } = processOf(tree);
    for (const more of [1, 300]) {
      await round();
      tree.grow(more);
    }
    await round();
    expect(posts()).toHaveLength(6);
    expect(await cosigners(321)).toHaveLength(2);
  });

  test('after a restart too, and what is stored verifies', async () => {
    const tree = new TestLedger('central').grow(20);
    await processOf(tree).round();
    tree.grow(5);
    const { posts, round } = processOf(tree);
    await round();
    expect(posts()).toHaveLength(2);
    const { rows } = await own.pool.query<{ line: string }>(
      `SELECT line FROM ledger_cosignature WHERE size = 25 AND witness = 'authority'`,
    );
    const { key } = witnessSigner('authority');
    const note = { text: parseNote(tree.note()).text, signatures: parseSignatures(rows[0]?.line ?? '') };
    expect(verifyCosignatures(note, [key])).toEqual([{ key, time_s: clock.wallMs / 1000 }]);
  });

  test('goes to further ones where one does not answer', async () => {
    const [authority = '', second = ''] = orderOf('central');
    await processOf(new TestLedger('central').grow(20), [authority, second]).round();
    expect(await cosigners(20)).toEqual(orderOf('central').slice(2, 4).toSorted());
  });

  test('with one witness alone has no quorum, and is sent again', async () => {
    const tree = new TestLedger('central').grow(20);
    const down = ['consumer', 'broker', 'lotus'];
    const { round } = processOf(tree, down);
    await round();
    expect(await cosigners(20)).toEqual(['authority']);
    await processOf(tree).round();
    expect(await cosigners(20)).toHaveLength(2);
  });
});

describe('what is no cosignature is not stored', () => {
  test.each([
    ['of another checkpoint', (good: string) => good.slice(0, -12) + `AAAAAAAAAA=\n`],
    ['of nobody known', (good: string) => good.replace('/witness', '/somebody')],
    ['that is no line', () => 'fine\n'],
  ])('%s', async (_what, spoil) => {
    const { federation, round } = processOf(new TestLedger('central').grow(20));
    const { text } = federation;
    federation.text = async (call) => {
      const answer = await text(call);
      return answer.status === 200 ? { ...answer, text: spoil(answer.text) } : answer;
    };
    await round();
    expect(await cosigners(20)).toEqual([]);
  });
});

test('a checkpoint without a quorum for a minute is told, and is over with the quorum', async () => {
  const tree = new TestLedger('central').grow(20);
  const alone = processOf(tree, ['authority', 'broker', 'lotus']);
  await alone.round();
  const signedAt = clock.wallMs;
  tree.signedAfter = async (size) => (size < 20 ? signedAt : undefined);
  clock.wallMs += 61_000;
  expect(await alone.watch.look()).toEqual({ cosignedSize: 0, behindMs: 61_000 });
  await processOf(tree).round();
  expect(await alone.watch.look()).toEqual({ cosignedSize: 20, behindMs: 0 });
});
