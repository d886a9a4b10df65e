import { readFileSync } from 'node:fs';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import type { Scope } from '@causeway/sdk/tokens';
import type { Lender } from '@causeway/sdk';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Answer, request } from './answers.ts';
import { queryDatabase } from './rows.ts';
import { tokensOf } from './token-client.ts';

const patient = { timeout: 60_000, interval: 200 };
const terms = usualTerms(['central', 'lotus', 'harbour'], 20);

let federation: Federation;
let lender: Lender;
let agreed: Agreed;
beforeAll(async () => {
  federation = await startTestFederation();
  lender = federation.lender('abc-bank');
  agreed = await agree(federation, lender, sandboxSubject('li-na'), terms);
});
afterAll(async () => await stopTestFederation(federation));

/** Sends an inquiry with this header, and returns its id. */
async function send(consent: Agreed, priority?: string): Promise<string> {
  const { purpose, categories } = terms;
  const question = { subjectRef: consent.subjectRef, consent: consent.digest, purpose, categories };
  const { id, jws } = await lender.sign({ ...question, operator: 'op-1', deadlineSeconds: 600 });
  const headers = { 'content-type': 'application/jose', ...(priority === undefined ? {} : { priority }) };
  const url = `${federation.url('broker')}/v1/inquiries`;
  const { status } = await request(url, { method: 'POST', headers, body: jws });
  expect(status).toBe(202);
  return id;
}

/** Spoils what the broker has stored of an inquiry, so that all work on it throws; or mends it again. */
async function turn(id: string): Promise<void> {
  const flipped = 'set_byte(data_key, 20, 255 - get_byte(data_key, 20))';
  const flip = `UPDATE inquiry SET data_key = ${flipped} WHERE id = $1`;
  await queryDatabase(federation, 'broker', flip, [id]);
}

/** Accepted while nothing can start, spoilt, and tried until it was set aside. */
async function parked(consent: Agreed, priority?: string): Promise<string> {
  await federation.process('consumer').stop();
  const id = await send(consent, priority);
  await turn(id);
  await federation.process('consumer').start();
  await vi.waitUntil(async () => (await letters()).some(({ inquiry }) => inquiry === id), patient);
  return id;
}

async function operate(method: 'GET' | 'POST', path: string, by = 'broker', scope: Scope = 'queue.operate') {
  const url = `${federation.url('broker')}${path}`;
  const headers = await tokensOf(federation, by).headers('broker', scope, method, url);
  return await request(url, { method, headers });
}

interface Letter {
  id: string;
  inquiry: string;
  lane: string;
  reason: string;
  code: string;
  attempts: number;
}

const letters = async (): Promise<Letter[]> =>
  (await operate('GET', '/v1/dead-letters')).body['items'] as Letter[];
const replay = async (id: string): Promise<Answer> =>
  await operate('POST', `/v1/dead-letters/${id}.abc-bank/replay`);
const finished = async (id: string) => {
  await vi.waitUntil(async () => !['accepted', 'running'].includes((await lender.status(id)).state), patient);
  return await lender.status(id);
};

describe('S85 an inquiry whose work fails each time', () => {
  test('S85 is set aside with an alarm, holds up no other, and completes when replayed', async () => {
    const id = await parked(agreed, 'u=7');
    expect((await letters()).map(({ id: key, ...rest }) => [key, rest])).toEqual([
      [
        `${id}.abc-bank`,
        expect.objectContaining({
          inquiry: id,
          lane: 'batch',
          reason: 'failed',
          code: 'internal',
          attempts: 5,
        }),
      ],
    ]);
    expect(readFileSync(federation.process('broker').logFile, 'utf8')).toMatch(
      new RegExp(`"event":"inquiry_parked","alarm":true,"job":"${id}\\.abc-bank"`),
    );
    expect((await lender.status(id)).state).toBe('accepted');
    expect((await finished(await send(agreed))).state).toBe('complete');
    await turn(id);
    expect(await replay(id)).toMatchObject({ status: 202, body: { state: 'replayed' } });
    expect((await finished(id)).state).toBe('complete');
    expect([await letters(), (await replay(id)).status]).toEqual([[], 409]);
  }, 120_000);

  test('S85 asks for consent anew when it is replayed: one revoked meanwhile is refused', async () => {
    const consent = await agree(federation, lender, sandboxSubject('li-na'), terms);
    const id = await parked(consent);
    const idToken = await federation.idToken(sandboxSubject('li-na'), `revoke:${consent.id}`);
    await federation.subject().revoke(consent.id, idToken);
    await turn(id);
    expect((await replay(id)).status).toBe(202);
    expect(await finished(id)).toMatchObject({ state: 'refused', code: 'consent_revoked', bureaus: [] });
  }, 120_000);

  test('S68 is the broker’s own affair: no other member gets a token for it', async () => {
    for (const member of ['abc-bank', 'central', 'consumer']) {
      await expect(operate('GET', '/v1/dead-letters', member)).rejects.toMatchObject({
        code: 'token_invalid',
      });
    }
    const read = await operate('GET', '/v1/dead-letters', 'abc-bank', 'inquiry.read');
    expect([read.status, read.code]).toEqual([403, 'scope_insufficient']);
  });
});

test('S84 a service does not start on a database that may lose what it commits, and says why', async () => {
  const bureau = federation.process('harbour');
  await bureau.stop();
  const { CAUSEWAY_UNSAFE_STORE: accepted = '', ...env } = bureau.program.env;
  bureau.program.env = env;
  await expect(bureau.start()).rejects.toThrow(
    /bureau cannot start: The store of CAUSEWAY_DATABASE_URL has fsync off and .*\.$/,
  );
  bureau.program.env = { ...env, CAUSEWAY_UNSAFE_STORE: accepted };
  await bureau.start();
  expect(readFileSync(bureau.logFile, 'utf8')).toContain('"event":"unsafe_store","alarm":true');
  expect((await finished(await send(agreed))).state).toBe('complete');
});
