import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Federation } from '@causeway/sandbox/federation';
import { type Redis, startRedis } from '@causeway/sandbox/redis';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from './answers.ts';
import { InquiryDoor } from './inquiry-door.ts';
import { rowCounts } from './rows.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

const PROGRAMS = join(import.meta.dirname, '../../.causeway');
const BOOT_MS_MAX = 180_000;

let dir: string;
let redis: Redis;
let federation: Federation;
let door: InquiryDoor;
let brokers: string[];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'causeway-redis-'));
  redis = await startRedis({ dir, programs: PROGRAMS });
  federation = await startTestFederation({ redisUrl: redis.url, replicas: { broker: 2 } });
  brokers = ['broker', 'broker-2'].map((name) => federation.instanceUrl(name));
  door = await InquiryDoor.open(federation);
}, BOOT_MS_MAX);
afterAll(async () => {
  await stopTestFederation(federation);
  await redis.stop({ remove: true });
  rmSync(dir, { recursive: true, force: true });
}, BOOT_MS_MAX);

/** Fifty copies at the same moment, every other one to the other process. */
const fifty = (jws: string): Promise<Answer[]> =>
  Promise.all(Array.from({ length: 50 }, (_, at) => door.send(jws, brokers[at % 2])));

/** Everything that Redis holds is gone, in its own inline form of a command. */
async function flushAll(): Promise<void> {
  const socket = connect(redis.port, '127.0.0.1').setEncoding('utf8');
  socket.write('FLUSHALL\r\n');
  const [reply] = (await once(socket, 'data')) as [string];
  socket.destroy();
  expect(reply).toBe('+OK\r\n');
}

const countOf = async (table: string) => (await rowCounts(federation, 'broker'))[table] ?? 0;

test(
  'S7 fifty copies around a FLUSHALL are one inquiry, which completes once',
  { timeout: 60_000 },
  async () => {
    const [inquiries, reports] = [await countOf('inquiry'), await countOf('inquiry_report')];
    const jws = door.sign(door.inquiry());
    const first = await fifty(jws);
    await flushAll();
    const again = await fifty(jws);
    const told = [...first, ...again].map(({ status, body }) => JSON.stringify([status, body]));
    expect(new Set(told).size).toBe(1);
    expect(first[0]?.status).toBe(202);
    expect((await door.finished(String(first[0]?.body['id']))).state).toBe('complete');
    expect([await countOf('inquiry'), await countOf('inquiry_report')]).toEqual([inquiries + 1, reports + 1]);
    await flushAll();
    const later = await refusedWriting(federation, NOBODY, () => fifty(jws));
    expect(new Set(later.map(({ status, body }) => JSON.stringify([status, body])))).toEqual(new Set(told));
  },
);

test('S7 after a FLUSHALL the same jti with other content is still a conflict', async () => {
  const { header, claims } = door.inquiry();
  await door.accepted(door.sign({ header, claims }));
  await flushAll();
  const other = door.sign({ header, claims: { ...claims, operator: 'op-2' } });
  expect(await door.refusals({ other })).toEqual({ other: '409 once_conflict /jti' });
});
