import { seconds, systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { ServiceProcess } from '@causeway/sandbox/service-process';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { request } from './answers.ts';
import { claimsOf, type ItemResult, onlyResult, present, redeemAsBroker } from './federation-call.ts';
import { InquiryDoor } from './inquiry-door.ts';
import { ageKeys } from './older-keys.ts';
import { type RawStatement, signRaw } from './raw-statement.ts';
import { countsOf, NOBODY, refusedWriting } from './untouched.ts';

let federation: Federation;
let door: InquiryDoor;
/** Presented in time, so that its last second can be seen at the end. */
let early: { inquiry: string; grant: string; exp: number; disclosure: string | undefined };

beforeAll(async () => {
  federation = await startTestFederation();
  door = await InquiryDoor.open(federation);
  // A grant of 16 s ago is judged by its time only if the consumer service's key is older than that.
  await ageKeys(federation, 'consumer');
  await ageKeys(federation, 'abc-bank');
  await vi.waitUntil(knowsOldKeys, { timeout: 20_000, interval: 200 });
  const inquiry = door.sign(door.inquiry({ deadline: inSeconds(120), exp: inSeconds(180) }));
  const grant = await redeemedFor('lotus', inquiry);
  const { disclosure } = await presented('lotus', { inquiry, grant });
  early = { inquiry, grant, exp: Number(claimsOf(grant)['exp']), disclosure };
});
afterAll(() => stopTestFederation(federation));

const inSeconds = (ahead: number): number => seconds(systemClock) + ahead;

/** True once the broker follows the directory that says that the lender's keys are an hour old. */
async function knowsOldKeys(): Promise<boolean> {
  const { code } = await door.send(door.sign(door.inquiry({ iat: inSeconds(-300), exp: inSeconds(60) })));
  return code === 'time_window';
}

/**
 * Right after the second has turned, so that sender and receiver count the same one; what is exact goes
 * first.
 */
async function turnOfSecond(): Promise<number> {
  await expect.poll(() => Date.now() % 1000 < 100, { timeout: 3000, interval: 5 }).toBe(true);
  return seconds(systemClock);
}

const headerOf = (jws: string): RawStatement['header'] =>
  JSON.parse(Buffer.from(jws.split('.')[0] ?? '', 'base64url').toString()) as RawStatement['header'];

const redeemedFor = async (bureau: string, inquiry: string): Promise<string> =>
  (await redeemAsBroker(federation, inquiry, [bureau])).grant(bureau);

const presented = async (bureau: string, item: { inquiry: string; grant: string }): Promise<ItemResult> =>
  onlyResult(await present(federation, { by: 'broker', to: bureau, ...item }));

test('S6 a grant presented in time is judged by its exp: the same bytes beyond its 2 s', async () => {
  const { exp, disclosure, ...item } = early;
  const before = await countsOf(federation, ['lotus']);
  await expect.poll(() => inSeconds(0) >= exp - 15 + 3, { timeout: 5000, interval: 20 }).toBe(true);
  expect(await presented('lotus', item)).toEqual({ disclosure });
  expect(await countsOf(federation, ['lotus'])).toEqual(before);
});

describe('at the broker', () => {
  test('S6 an inquiry issued 61 s ago or 61 s ahead is refused, and so is one past its exp', async () => {
    const now = await turnOfSecond();
    const late = { deadline: now + 200, exp: now + 300 };
    const spoilt = {
      early: door.sign(door.inquiry({ iat: now + 61, ...late })),
      late: door.sign(door.inquiry({ iat: now - 61, ...late })),
      atExp: door.sign(door.inquiry({ iat: now - 30, deadline: now, exp: now })),
      pastExp: door.sign(door.inquiry({ iat: now - 30, deadline: now - 1, exp: now - 1 })),
      backwards: door.sign(door.inquiry({ iat: now, deadline: now + 1, exp: now })),
      tooLong: door.sign(door.inquiry({ iat: now, deadline: now + 10, exp: now + 86_401 })),
    };
    expect(await door.refusals(spoilt)).toEqual({
      late: '401 time_window /iat',
      early: '401 time_window /iat',
      atExp: '401 expired /exp',
      pastExp: '401 expired /exp',
      backwards: '400 statement_malformed /exp',
      tooLong: '400 statement_malformed /exp',
    });
  });

  test('S6 an inquiry issued 10 s ahead or nearly a minute ago is accepted', async () => {
    for (const iat of [inSeconds(10), inSeconds(-50)]) {
      const times = { iat, deadline: inSeconds(40), exp: inSeconds(90) };
      expect((await door.accepted(door.sign(door.inquiry(times)))).state).toBe('complete');
    }
  });
});

describe('at a bureau', () => {
  /** An inquiry and the grant that the consumer service would sign for central at another moment. */
  async function signedAt(offsets: number[]): Promise<{ inquiry: string; grants: string[] }> {
    const inquiry = door.sign(door.inquiry({ deadline: inSeconds(60), exp: inSeconds(90) }));
    const real = await redeemedFor('central', inquiry);
    const key = federation.keys('consumer').statement;
    const header = headerOf(real);
    const now = await turnOfSecond();
    const grants = offsets.map((offset) => {
      const iat = now + offset;
      const own = { jti: uuidv7(systemClock, systemRandom), iat, exp: iat + 15 };
      return signRaw({ header, claims: { ...claimsOf(real), ...own } }, key);
    });
    return { inquiry, grants };
  }

  test('S6 a grant issued 3 s ago or ahead is refused, and so is one past its exp', async () => {
    await refusedWriting(federation, { central: {}, lotus: {}, harbour: {} }, async () => {
      const { inquiry, grants } = await signedAt([3, -3, -14, -15, -16]);
      const codes: unknown[] = [];
      for (const grant of grants) {
        const { error, ...rest } = await presented('central', { inquiry, grant });
        codes.push([error?.code, rest]);
      }
      expect(codes).toEqual([
        ['time_window', {}],
        ['time_window', {}],
        ['time_window', {}],
        ['expired', {}],
        ['expired', {}],
      ]);
    });
  });

  test('S6 a grant issued 2 s ago or 2 s ahead is good', async () => {
    for (const offset of [-2, 2]) {
      const { inquiry, grants } = await signedAt([offset]);
      const { disclosure } = await presented('central', { inquiry, grant: grants[0] ?? '' });
      expect(claimsOf(String(disclosure))['outcome']).toBe('not_found');
    }
  });

  test('S6 a grant that lives longer or shorter than 15 s is none', async () => {
    const inquiry = door.sign(door.inquiry());
    const real = await redeemedFor('central', inquiry);
    const key = federation.keys('consumer').statement;
    const header = headerOf(real);
    await refusedWriting(federation, NOBODY, async () => {
      for (const life of [0, 14, 16, 3600]) {
        const iat = inSeconds(0);
        const grant = signRaw({ header, claims: { ...claimsOf(real), iat, exp: iat + life } }, key);
        expect((await presented('central', { inquiry, grant })).error?.code).toBe('statement_malformed');
      }
    });
  });
});

test('S6 a grant that was presented in time brings nothing from its exp on', async () => {
  const { exp, disclosure, ...item } = early;
  await expect.poll(() => inSeconds(0) >= exp, { timeout: 20_000, interval: 20 }).toBe(true);
  const { error, ...rest } = await refusedWriting(federation, NOBODY, () => presented('lotus', item));
  expect([disclosure?.slice(0, 2), error?.code, rest]).toEqual(['ey', 'expired', {}]);
});

test('S6 a bureau whose clock is 30 s off is not ready and releases nothing; then it is again', async () => {
  const harbour = federation.process('harbour');
  const { program } = harbour;
  for (const offMs of [-30_000, 30_000]) {
    await harbour.stop();
    const skew = `const now = Date.now; Date.now = () => now() + (${offMs});`;
    const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(skew)}`;
    const skewed = new ServiceProcess(federation.home, { ...program, env: { ...program.env, NODE_OPTIONS } });
    await skewed.start();
    const ready = async () => (await request(`${federation.url('harbour')}/readyz`)).status;
    await expect.poll(ready, { timeout: 20_000, interval: 100 }).toBe(503);
    const { body } = await request(`${federation.url('harbour')}/readyz`);
    expect(body['failing']).toEqual(['clock']);
    await refusedWriting(federation, { harbour: {} }, async () => {
      const inquiry = door.sign(door.inquiry());
      const grant = await redeemedFor('harbour', inquiry);
      const answer = await present(federation, { by: 'broker', to: 'harbour', inquiry, grant });
      expect(['not_ready', 'time_window', 'expired']).toContain(
        answer.body['code'] ?? onlyResult(answer).error?.code,
      );
    });
    await skewed.stop();
    await harbour.start();
    await expect.poll(ready, { timeout: 20_000, interval: 100 }).toBe(200);
  }
});

test('S6 an inquiry in its last second is taken, and in the next one it is not', async () => {
  const now = await turnOfSecond();
  const until = { iat: now - 30, deadline: now + 1, exp: now + 1 };
  expect((await door.send(door.sign(door.inquiry(until)))).status).toBe(202);
  const next = door.sign(door.inquiry(until));
  await expect.poll(() => seconds(systemClock) > now, { timeout: 3000, interval: 5 }).toBe(true);
  const { status, code } = await door.send(next);
  expect([status, code]).toEqual([401, 'expired']);
});
