import { CausewayError, digestOf } from '@causeway/protocol';
import { subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { Source } from '../sources/source.ts';
import type { World } from '../test-world.ts';
import { account, createWorld } from '../test-world.ts';
import { disclose } from './disclose.ts';
import { release } from './release.ts';
import { verifyItem } from './verify-item.ts';

let database: TestDatabase;
let world: World;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  world = await createWorld(database);
  await world.store(subject, [account('a')]);
});

afterAll(async () => {
  await world.close();
  await database.drop();
});

async function ready(inquiry = world.inquiry()) {
  const item = await verifyItem(world.bureau, { inquiry, grant: world.grant(inquiry) }, 'broker');
  const outcome = await disclose(world.bureau, item);
  if (!('permit' in outcome)) throw new Error('refused');
  return outcome;
}

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return error instanceof CausewayError ? error.code : String(error);
  }
  return 'released';
};

describe('release', () => {
  it('S39 lets bytes out until the grant ends, and not at its end, by either clock', async () => {
    const { permit, receipt, stored } = await ready();
    const { wallMs, monotonicMs } = world.clock;
    const at = (wall: number, monotonic: number) =>
      codeOf(() =>
        release(permit, receipt, stored, { nowMs: wallMs + wall, monotonicMs: monotonicMs + monotonic }),
      );
    expect(at(14_999, 14_999)).toBe('released');
    expect(at(15_000, 0)).toBe('expired');
    expect(at(0, 15_000)).toBe('expired');
    expect(at(-3_600_000, 15_000)).toBe('expired');
  });

  it('S9 lets nothing out under the permit or the receipt of another answer', async () => {
    const [one, two] = [await ready(), await ready()];
    const moment = { nowMs: world.clock.now(), monotonicMs: world.clock.monotonic() };
    expect(codeOf(() => release(one.permit, two.receipt, one.stored, moment))).toContain('another statement');
    expect(codeOf(() => release(two.permit, one.receipt, one.stored, moment))).toContain('another answer');
    expect(codeOf(() => release({ ...one.permit } as never, one.receipt, one.stored, moment))).toBe(
      'expired',
    );
  });

  it('S15 that comes too late sends nothing, and a renewed grant brings the stored bytes', async () => {
    const inquiry = world.inquiry();
    const { stored } = await ready(inquiry);
    world.clock.advance(16_000);
    const { results } = await world.ask([{ inquiry, grant: world.grant(inquiry) }]);
    expect(results[0]?.disclosure).toBe(stored.jws);
  });
});

describe('a native system', () => {
  const slow = (reads: { n: number }, fail = 0): Source => ({
    ...{ kind: 'native', name: 'slow', health: async () => ({ ok: true, detail: '' }) },
    close: async () => undefined,
    find: async () => {
      reads.n += 1;
      const { rows } = await world.pool.query(`SELECT state FROM answer WHERE state = 'reserved'`);
      if (rows.length !== 1) throw new Error('asked before the reservation was durable');
      if (reads.n <= fail) throw new CausewayError('unavailable');
      return { known: true, records: [account('native')], notes: [] };
    },
  });

  it('S15 is asked after the reservation, and a crash between resumes it to one disclosure', async () => {
    const reads = { n: 0 };
    const roster = async () => ({ identifier: { scheme: 'gb11643', value: '990000199003070013' } as const });
    const other = await createWorld(database, { ...world.bureau, source: slow(reads, 1), roster });
    const inquiry = world.inquiry();
    const ask = async () => (await other.ask([{ inquiry, grant: world.grant(inquiry) }])).results[0];
    expect((await ask())?.error?.code).toBe('unavailable');
    const again = await ask();
    expect((await ask())?.disclosure).toBe(again?.disclosure);
    expect(reads.n).toBe(2);
    const { rows } = await world.pool.query('SELECT DISTINCT digest FROM leaf_staging WHERE inquiry = $1', [
      digestOf(inquiry),
    ]);
    expect(rows).toHaveLength(1);
    await other.close();
  });
});
