import type { App } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { Cosigning } from './cosigning.ts';
import { LedgerGuard } from './ledger-guard.ts';
import { ledgerDatabase } from './ledger-tables.fixture.ts';
import type { LedgerDatabase } from './ledger-tables.fixture.ts';
import { callsTo, clock, fed, ledgerDirectory, log, TestLedger, witnessApp } from './ledgers.fixture.ts';

/** What the witnesses keep, and apart from it what the node itself does. */
let theirs: LedgerDatabase;
let own: LedgerDatabase;
let lotus: App;

beforeAll(async () => {
  [theirs, own] = [await ledgerDatabase(), await ledgerDatabase()];
  lotus = await witnessApp(theirs.pool, 'lotus', { peer: 'central' });
});
beforeEach(async () => {
  const tables = 'TRUNCATE witnessed, ledger_alarm, ledger_alarm_closed, ledger_cosignature';
  await Promise.all([theirs.asOwner(tables), own.asOwner(tables)]);
});
afterAll(async () => {
  await lotus.close();
  await Promise.all([theirs.drop(), own.drop()]);
});

/** A process of `central` over this tree; only `lotus` answers it, unless said otherwise. */
function processOf(tree: TestLedger, apps = new Map([['lotus', lotus]]), view = ledgerDirectory()) {
  const federation = callsTo(apps);
  const latest = () => view;
  const parts = { fed, member: 'central', tree, pool: own.pool, federation, latest, clock, log };
  const guard = new LedgerGuard(parts);
  const cosigning = new Cosigning({ ...parts, guard });
  return { guard, round: async () => await cosigning.round(new AbortController().signal), federation };
}

async function alarms(): Promise<object[]> {
  const { rows } = await own.pool.query<object>('SELECT kind, origin, detail FROM ledger_alarm');
  return rows;
}

async function closed(): Promise<object[]> {
  return (await own.pool.query<object>('SELECT reason FROM ledger_alarm_closed')).rows;
}

const before = (): TestLedger => new TestLedger('central').grow(20);

describe('before a witness has told what it saw', () => {
  test('S50 nothing is signed while nobody answers, and the node is not behind', async () => {
    const { guard } = processOf(before(), new Map());
    await guard.check();
    expect([guard.standing(), guard.maySign(20)]).toEqual(['unknown', false]);
    expect(await alarms()).toEqual([]);
  });

  test('one answer is enough, and one that has seen nothing is an answer', async () => {
    const { guard, federation } = processOf(before());
    await guard.check();
    expect([guard.standing(), guard.maySign(20)]).toEqual(['clear', true]);
    expect(new Set(federation.asked)).toContain('GET authority');
    expect(federation.asked).not.toContain('GET central');
  });

  test('a node without other witnesses signs at once', async () => {
    const alone = { ...ledgerDirectory(), membersWith: () => [] };
    const { guard, federation } = processOf(before(), new Map(), alone);
    await guard.check();
    expect([guard.maySign(20), federation.asked]).toEqual([true, []]);
  });
});

describe('S50 a database that was put back', () => {
  test('S50 refuses to sign, keeps the evidence, and goes on once it was brought forward', async () => {
    await processOf(before()).round();
    const restored = new TestLedger('central').grow(12);
    const { guard, round } = processOf(restored);
    await round();
    expect([guard.standing(), guard.maySign(12), guard.maySign(1000)]).toEqual(['behind', false, false]);
    await round();
    const detail = { witness: 'lotus', size: 20, seen: before().note(), own: restored.note() };
    expect(await alarms()).toEqual([{ kind: 'rollback', origin: 'causeway/test-fed/central', detail }]);
    expect(await closed()).toEqual([]);
    restored.grow(8);
    await guard.check();
    expect([guard.standing(), guard.maySign(20)]).toEqual(['clear', true]);
    const reason = 'the ledger holds the checkpoint that the witness showed';
    expect([await closed(), (await alarms()).length]).toEqual([[{ reason }], 1]);
  });

  test('S50 a start that the witness of an alarm does not see closes nothing', async () => {
    await processOf(before()).round();
    const { guard, round } = processOf(new TestLedger('central').grow(12));
    await guard.check();
    await round();
    const empty = await emptyWitness();
    const started = processOf(new TestLedger('central').grow(12), new Map([['authority', empty]]));
    await started.guard.check();
    expect([started.guard.standing(), await closed()]).toEqual(['clear', []]);
    const mended = processOf(before());
    await mended.guard.check();
    expect([mended.guard.standing(), (await closed()).length]).toEqual(['clear', 1]);
    await empty.close();
  });

  test('S50 refuses also where it has grown past the witnessed size with other leaves', async () => {
    await processOf(before()).round();
    const { guard } = processOf(new TestLedger('central', 'after').grow(50));
    await guard.check();
    expect([guard.standing(), guard.maySign(50)]).toEqual(['behind', false]);
  });

  test('S50 under a running process signs nothing below what was cosigned for it', async () => {
    const { guard, round } = processOf(before());
    await round();
    expect(guard.maySign(20)).toBe(true);
    expect([guard.maySign(19), guard.standing()]).toEqual([false, 'behind']);
  });

  test('S50 is also found by the witness that was asked for nothing at the start', async () => {
    const broker = await witnessApp(theirs.pool, 'broker');
    await processOf(before()).round();
    const apps = new Map<string, App>([['authority', await emptyWitness()]]);
    const { guard, round } = processOf(new TestLedger('central', 'after').grow(7), apps);
    await guard.check();
    expect(guard.standing()).toBe('clear');
    apps.set('broker', broker);
    await round();
    expect(guard.standing()).toBe('behind');
    await Promise.all([broker.close(), apps.get('authority')?.close()]);
  });
});

/** Over a database of its own process's making, which has seen nothing of `central`. */
async function emptyWitness(): Promise<App> {
  return await witnessApp(own.pool, 'authority');
}

describe('a witness that lies', () => {
  test('about a size stops nobody: without the ledger’s own signature its word is nothing', async () => {
    const liar = callsTo(new Map());
    liar.text = async ({ method }) =>
      method === 'GET'
        ? { status: 200, type: 'text/plain', text: new TestLedger('broker').grow(90).note() }
        : { status: 409, type: 'text/x.tlog.size', text: '90\n' };
    const tree = before();
    const latest = () => ledgerDirectory();
    const parts = { fed, member: 'central', tree, pool: own.pool, federation: liar, latest, clock, log };
    const guard = new LedgerGuard(parts);
    await new Cosigning({ ...parts, guard }).round(new AbortController().signal);
    expect([guard.standing(), await alarms()]).toEqual(['clear', []]);
    expect((await own.pool.query('SELECT FROM ledger_cosignature')).rowCount).toBe(0);
  });
});
