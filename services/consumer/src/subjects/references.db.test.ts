import { noFaults, systemRandom } from '@causeway/kernel';
import { createBlindReferences } from '@causeway/member/blind-references';
import { CausewayError, decodeBase64url, type DirectoryView, encodeBase64url } from '@causeway/protocol';
import { canaryUnder } from '@causeway/protocol/blind-batch';
import { evaluate, generateBlindKey } from '@causeway/protocol/blind-reference';
import { sandboxIdentifier } from '@causeway/records/sandbox-identifier';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { createCurveThread, type CurveThread } from '@causeway/service';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openSession } from '../sessions/service.ts';
import { createWorld, type World } from '../test-world.ts';
import { subjectReferences } from './references.ts';

/** More than places in the curve thread, which has 64. */
const burst = 150;
const key = generateBlindKey();
let database: TestDatabase;
let world: World;
let thread: CurveThread;
/** How many elements each call to the authority had. */
let calls: number[] = [];
let answer: () => void = () => undefined;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  thread = createCurveThread({ log: world.consumer.log });
});
beforeEach(() => {
  calls = [];
  answer = () => undefined;
});
afterAll(async () => {
  await thread.close();
  await world.close();
  await database.drop();
});

/** The real arithmetic, and an authority that evaluates as it does. */
function burstWorld() {
  const epochs = [{ epoch: '1', canary: canaryUnder(key, systemRandom) }];
  const view = () =>
    ({
      references: { current: '1', epochs },
      membersWith: () => [{ id: 'authority' }],
    }) as unknown as DirectoryView;
  const source = createBlindReferences({
    federation: {
      call: async ({ body }: { body?: unknown }): Promise<never> => {
        const { blinded } = body as { blinded: string[] };
        calls.push(blinded.length);
        answer();
        const elements = blinded.map((text) => decodeBase64url(text));
        return { epoch: '1', evaluated: evaluate(key, elements).map(encodeBase64url) } as never;
      },
    },
    ...{ view, latest: view, refresh: async () => undefined, thread, log: world.consumer.log },
  });
  const { db, random, sealing, subjectKeys } = world.consumer;
  return {
    ...world.consumer,
    faults: noFaults,
    references: subjectReferences({ db, sealing, random, source, subjectKeys }),
  };
}

async function signIn(
  at: ReturnType<typeof burstWorld>,
  from: number,
): Promise<PromiseSettledResult<unknown>[]> {
  const tokens = await Promise.all(
    Array.from({ length: burst }, async (_, n) => {
      const nonce = `session:${String(from + n).padStart(36, '0')}`;
      return await world.idToken({ identity: sandboxIdentifier(String(from + n)), nonce });
    }),
  );
  return await Promise.allSettled(tokens.map(async (token) => await openSession(at, token)));
}

test('a burst of first sign-ins is served, whatever places the arithmetic has, in few calls', async () => {
  const at = burstWorld();
  const outcomes = await signIn(at, 1000);
  expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  const { rowCount } = await world.consumer.pool.query('SELECT DISTINCT subject_ref FROM session');
  expect(rowCount).toBe(burst);
  expect(calls.length).toBeLessThan(20);
  expect(calls.reduce((sum, elements) => sum + elements - 1, 0)).toBe(burst);
  // Each has its own, the same again, and nobody is asked for it.
  calls = [];
  const again = await Promise.all(
    [1000, 1001].map(async (n) => await at.references.all(sandboxIdentifier(String(n)))),
  );
  expect(new Set(again.flat()).size).toBe(2);
  expect(calls).toEqual([]);
});

test('while the authority is away all are told so, and nobody is signed in or kept', async () => {
  const at = burstWorld();
  const rows = async () =>
    (
      await world.consumer.pool.query<{ n: number }>(
        'SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM subject_ref_cache) AS n',
      )
    ).rows;
  const before = await rows();
  answer = () => {
    throw new CausewayError('unavailable');
  };
  const outcomes = await signIn(at, 5000);
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
  }
  expect(await rows()).toEqual(before);
});
