import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seconds, systemClock, systemRandom } from '@causeway/kernel';
import type { ClaimsOf, PrivateJwk } from '@causeway/protocol';
import { generateKey, readUnverified, sign, signRoot, signingKeyFromJwk } from '@causeway/protocol';
import { nextRoot } from '@causeway/protocol/federation.fixture';
import type { Federation } from '@causeway/sandbox/federation';
import { enact } from '@causeway/sandbox/officer-acts';
import { rootFiles } from '@causeway/sandbox/rotation/roots';
import { publishIslands } from '@causeway/sandbox/story/publish-islands';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { readRootPayload } from '@causeway/protocol/root';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { request } from './answers.ts';
import { callFederation, present } from './federation-call.ts';
import { InquiryDoor } from './inquiry-door.ts';
import { publicHalf } from './applicant.ts';
import { queryDatabase } from './rows.ts';
import { type Tamper, TamperingProxy } from './tampering-proxy.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

const NODES = ['consumer', 'broker', 'central', 'lotus', 'harbour'];
const PATIENT = { timeout: 40_000, interval: 200 };

let federation: Federation;
/** In the authority's place, for every node. */
let proxy: TamperingProxy;
let door: InquiryDoor;

beforeAll(async () => {
  federation = await startTestFederation();
  await publishIslands(federation, () => undefined);
  door = await InquiryDoor.open(federation);
  await ageDirectoryKey();
  proxy = await TamperingProxy.before(federation, 'authority');
});
afterAll(async () => {
  await proxy.stop();
  await stopTestFederation(federation);
});

/**
 * The next root file, which says that the directory key has been there for a day: a head that is about to
 * expire is ten minutes old, and this federation is not.
 */
async function ageDirectoryKey(): Promise<void> {
  const [first] = await rootFiles(federation);
  if (!first) throw new Error('there is a first root file');
  const { keys } = readRootPayload(first);
  const older = keys.map((key) => ({ ...key, from: key.from - 86_400 }));
  const dir = federation.ceremony.authorityDir;
  const rootKey = JSON.parse(readFileSync(join(dir, 'offline/root.jwk'), 'utf8')) as PrivateJwk;
  writeFileSync(join(dir, 'root-2.json'), JSON.stringify(nextRoot(first, { keys: older }, [rootKey])));
  const named = async (): Promise<unknown> =>
    (readUnverified(await headNow()).claims as ClaimsOf<'directory'>).root?.version;
  await vi.waitUntil(async () => (await named()) === 2, PATIENT);
}

const honest: Tamper = ({ text }) => ({ text });
afterEach(async () => {
  proxy.tamper = honest;
  await vi.waitUntil(async () => (await readiness()).every((status) => status === 200), PATIENT);
});

const readiness = (): Promise<number[]> =>
  Promise.all(NODES.map(async (node) => (await request(`${federation.url(node)}/readyz`)).status));

const logOf = (node: string): string => readFileSync(federation.process(node).logFile, 'utf8');

async function headNow(): Promise<string> {
  const { body } = await request(`${federation.url('authority')}/directory`);
  return String(body['head']);
}

/** The head of this moment with other claims, signed by whoever has a key. */
function signHead(head: string, key: PrivateJwk, change: Partial<ClaimsOf<'directory'>>): string {
  const { claims } = readUnverified(head) as { claims: ClaimsOf<'directory'> };
  const { v: _v, fed, iss: _iss, jti: _jti, iat: _iat, salt: _salt, ...said } = claims;
  const iat = change.iat ?? seconds(systemClock);
  const by = {
    key: signingKeyFromJwk('authority', key),
    fed,
    clock: systemClock,
    random: systemRandom,
  };
  return sign('directory', { ...said, ...change, iat, exp: iat + 600 }, by).jws;
}

/** A change of the directory that means nothing to the inquiries of these tests. */
async function changeDirectory(): Promise<void> {
  const authorityUrl = federation.url('authority');
  for (const act of ['suspend', 'reinstate'] as const)
    await enact(authorityUrl, federation.ceremony, { act, member: 'evergreen' });
}

const versions = (): Promise<number[]> =>
  Promise.all(
    NODES.map(async (node) => {
      const text = 'SELECT version::int AS version FROM directory_state';
      return (await queryDatabase<{ version: number }>(federation, node, text))[0]?.version ?? 0;
    }),
  );

const withHead = (head: string) => ({ status: 200, text: JSON.stringify({ head }) });

describe('S32 what is not the directory', () => {
  test.each<[string, string, () => Promise<Tamper>]>([
    [
      'an older signed directory',
      'directory_rollback',
      async () => {
        const old = await headNow();
        await changeDirectory();
        const version = (readUnverified(await headNow()).claims as { version: number }).version;
        await expect.poll(versions, PATIENT).toEqual(NODES.map(() => version));
        return (answer) => (answer.path === '/directory' ? withHead(old) : answer);
      },
    ],
    [
      'the directory of another authority',
      'directory_refused',
      async () => {
        const [head, [root]] = [await headNow(), await rootFiles(federation)];
        const [rootKey, key] = [generateKey(), generateKey()];
        const payload = readRootPayload(root ?? { payload: '' });
        const keys = payload.keys.map((each) => ({ ...each, jwk: publicHalf(key) }));
        const theirs = signRoot({ ...payload, keys, root_keys: [publicHalf(rootKey)] }, [rootKey]);
        const forged = signHead(head, key, { version: 1_000_000 });

        return (answer) => {
          if (answer.path === '/directory') return withHead(forged);
          return answer.path === '/roots' ? { status: 200, text: JSON.stringify([theirs]) } : answer;
        };
      },
    ],
    [
      'a changed directory',
      'directory_refused',
      async () => {
        const [header = '', payload = '', signature = ''] = (await headNow()).split('.');
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { version: number };
        const changed = JSON.stringify({ ...claims, version: claims.version + 1 });
        const head = [header, Buffer.from(changed).toString('base64url'), signature].join('.');
        return (answer) => (answer.path === '/directory' ? withHead(head) : answer);
      },
    ],
    [
      'an expired directory',
      'directory_refused',
      async () => {
        const iat = seconds(systemClock) - 601;
        const head = signHead(await headNow(), directoryKey(), { iat });
        return (answer) => (answer.path === '/directory' ? withHead(head) : answer);
      },
    ],
  ])('S32 %s: every node keeps the newer one, alarms, and goes on', async (_what, alarm, lie) => {
    proxy.tamper = await lie();
    const [before, held] = [NODES.map((node) => logOf(node).length), await versions()];
    const alarmed = (): boolean[] =>
      NODES.map((node, at) => {
        const lines = logOf(node).slice(before[at]).split('\n');
        return lines.some((line) => line.includes(`"event":"${alarm}"`) && line.includes('"alarm":true'));
      });
    await expect.poll(alarmed, PATIENT).toEqual(NODES.map(() => true));
    expect(await versions()).toEqual(held);
    expect(await readiness()).toEqual(NODES.map(() => 200));
    expect((await door.send(door.sign(door.inquiry()))).status).toBe(202);
  });
});

/** The authority's own key, for a head that no authority would sign. */
function directoryKey(): PrivateJwk {
  const file = join(federation.ceremony.authorityDir, 'directory-signer/directory.jwk');
  return JSON.parse(readFileSync(file, 'utf8')) as PrivateJwk;
}

describe('S30 past the expiry of the directory', () => {
  test('S30 nothing is released, by nobody, and all resumes by itself', async () => {
    const harbour = federation.process('harbour');
    // One bureau is away, so that an inquiry is under way when the directory expires.
    await harbour.stop();
    const { body } = await door.send(
      door.sign(door.inquiry({ deadline: seconds(systemClock) + 180, exp: seconds(systemClock) + 200 })),
    );
    const running = String(body['id']);
    await expect
      .poll(async () => (await federation.lender('abc-bank').status(running)).state, PATIENT)
      .toBe('running');
    const iat = seconds(systemClock) - 585;
    const short = signHead(await headNow(), directoryKey(), { iat });
    proxy.tamper = (answer) => (answer.path === '/directory' ? withHead(short) : answer);
    await harbour.start();
    await expect.poll(readiness, PATIENT).toEqual(NODES.map(() => 503));

    const inquiry = door.sign(door.inquiry());
    const told = await refusedWriting(federation, NOBODY, async () => {
      const items = [{ inquiry }];
      const grants = { by: 'broker', to: 'consumer', path: '/v1/grants', body: { items } };
      const answers = [
        await door.send(inquiry),
        { ...(await callFederation(federation, grants)) },
        await present(federation, { by: 'broker', to: 'central', inquiry, grant: inquiry }),
      ];
      return answers.map((answer) => [answer.status, answer.body['code']]);
    });
    expect(told).toEqual(told.map(() => [503, 'not_ready']));

    proxy.tamper = honest;
    await expect.poll(readiness, PATIENT).toEqual(NODES.map(() => 200));
    expect((await door.finished(running)).state).toBe('complete');
    expect((await door.accepted(door.sign(door.inquiry()))).state).toBe('complete');
  });
});
