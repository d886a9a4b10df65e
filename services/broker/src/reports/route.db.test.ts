import { readUnverified, verify, verifyBundle } from '@causeway/protocol';
import type { App } from '@causeway/service';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { runInquiry, runOpen } from '../fan-out/run-inquiry.ts';
import { testApp } from '../test-http.ts';
import { createWorld, type World } from '../test-world.ts';

let world: World;
let app: App;
beforeAll(async () => {
  world = await createWorld();
  app = await testApp(world.broker);
});
afterAll(async () => {
  await app.close();
  await world.close();
});
afterEach(() => {
  world.peers.consumer = 'grant';
  world.peers.bureaus.clear();
  world.peers.calls.length = 0;
});

const idOf = (key: string): string => key.slice(0, key.indexOf('.'));

async function get(id: string, part = '', member = 'abc-bank', headers: Record<string, string> = {}) {
  return await app.inject({
    method: 'GET',
    url: `/v1/inquiries/${id}${part}`,
    headers: { 'x-test-member': member, ...headers },
  });
}

async function post(jws: string, headers: Record<string, string> = {}) {
  return await app.inject({
    method: 'POST',
    url: '/v1/inquiries',
    headers: { 'content-type': 'application/jose', ...headers },
    payload: jws,
  });
}

async function finished(): Promise<string> {
  const key = await world.accepted();
  await runInquiry(world.broker, key);
  return idOf(key);
}

describe('GET report', () => {
  test('200: report and disclosures, under a grant of the broker that is renewed each time', async () => {
    const id = await finished();
    world.peers.calls.length = 0;
    const answer = await get(id, '/report');
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['cache-control']).toBe('no-store');
    const body = answer.json<{ version: number; report: string; disclosures: string[] }>();
    expect(body.version).toBe(1);
    expect(body.disclosures).toHaveLength(2);
    const { keys } = world.members.view;
    const context = {
      keys,
      fed: 'test',
      nowMs: world.clock.now(),
      audience: 'abc-bank',
      received: 'first',
    } as const;
    expect(verify('report', body.report, context).claims.manifest).toHaveLength(2);
    await get(id, '/report?version=1');
    expect(world.peers.calls.map((call) => call.nodes)).toEqual([['broker'], ['broker']]);
  });

  test('202 with Retry-After while it runs', async () => {
    const key = await world.accepted();
    const answer = await get(idOf(key), '/report');
    expect([answer.statusCode, answer.json()]).toEqual([202, { state: 'accepted' }]);
    expect(answer.headers['retry-after']).toBe('1');
  });

  test('S54: to another member state, report, evidence and events look absent', async () => {
    const id = await finished();
    for (const part of ['', '/report', '/evidence', '/events']) {
      const foreign = await get(id, part, 'evergreen');
      const absent = await get('01900000-0000-7000-8000-000000000000', part, 'evergreen');
      expect(foreign.statusCode).toBe(404);
      const bare = ({ request_id: _id, ...rest }: Record<string, unknown>) => rest;
      expect(bare(foreign.json())).toEqual(bare(absent.json()));
    }
  });

  test('401 without a token, 404 for another version, 400 for a foreign parameter', async () => {
    const id = await finished();
    const anonymous = await app.inject({ method: 'GET', url: `/v1/inquiries/${id}/report` });
    expect(anonymous.statusCode).toBe(401);
    expect((await get(id, '/report?version=2')).statusCode).toBe(404);
    expect((await get(id, '/report?fields=all')).statusCode).toBe(400);
  });

  test('S36: a consent revoked after the report was made stops its delivery', async () => {
    const id = await finished();
    world.peers.consumer = 'consent_revoked';
    const answer = await get(id, '/report');
    expect(answer.statusCode).toBe(403);
    const body = answer.json<{ code: string; refusal: string }>();
    expect(body.code).toBe('consent_revoked');
    expect(readUnverified(body.refusal).claims).toMatchObject({ iss: 'consumer', code: 'consent_revoked' });
    expect((await get(id, '/evidence')).statusCode).toBe(403);
  });

  test('a stop that the broker was told of stops the delivery even under a grant', async () => {
    const id = await finished();
    const { subject_ref } = readUnverified(world.peers.consent.jws).claims as { subject_ref: string };
    const stop = `INSERT INTO subject_status (subject_ref, consent, state, sequence, status_digest)
      VALUES ($1, $2, 'revoked', 1, 'sha-256:x')`;
    await world.database.pool.query(stop, [subject_ref, world.peers.consent.digest]);
    const answer = await get(id, '/report');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'consent_revoked']);
    await world.database.pool.query('DELETE FROM subject_status');
    expect((await get(id, '/report')).statusCode).toBe(200);
  });

  test('503 while the consumer service is away: no leave, no data', async () => {
    const id = await finished();
    world.peers.consumer = 'away';
    const answer = await get(id, '/report');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('eyJ');
  });

  test('a refused inquiry answers with the refusal', async () => {
    world.peers.consumer = 'not_authorised';
    const id = await finished();
    const answer = await get(id, '/report');
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'not_authorised']);
    expect((await get(id)).json()).toMatchObject({ state: 'refused', code: 'not_authorised', bureaus: [] });
    expect((await get(id, '/evidence')).statusCode).toBe(404);
  });
});

describe('POST inquiries', () => {
  test('202 with Location, the same again for a repeat', async () => {
    const jws = world.inquiry();
    const first = await post(jws);
    const second = await post(jws);
    expect(first.statusCode).toBe(202);
    const { id } = first.json<{ id: string }>();
    expect(first.headers.location).toBe(`/v1/inquiries/${id}`);
    expect(second.json()).toEqual(first.json());
  });

  test('Prefer: wait with a token of the same member answers with the report', async () => {
    const eager = await testApp({
      ...world.broker,
      fresh: { begin: (inquiry) => void runOpen(world.broker, inquiry) },
    });
    const answer = await eager.inject({
      method: 'POST',
      url: '/v1/inquiries',
      headers: { 'content-type': 'application/jose', prefer: 'wait=20', 'x-test-member': 'abc-bank' },
      payload: world.inquiry(),
    });
    await eager.close();
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['preference-applied']).toBe('wait');
    expect(answer.json()).toMatchObject({ version: 1 });
  });

  test('Prefer: wait without a token is a plain 202', async () => {
    const answer = await post(world.inquiry(), { prefer: 'wait=20' });
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['preference-applied']).toBeUndefined();
  });

  test('S10: with a token of another member nothing is written', async () => {
    const before = await world.rows();
    const answer = await post(world.inquiry(), { prefer: 'wait=1', 'x-test-member': 'evergreen' });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([403, 'identity_mismatch']);
    expect(await world.rows()).toEqual(before);
  });

  test('415 for JSON, 413 for a body too large, 400 for a broken one; nothing written', async () => {
    const before = await world.rows();
    expect((await post('{}', { 'content-type': 'application/json' })).statusCode).toBe(415);
    expect((await post('a'.repeat(70_000))).statusCode).toBe(413);
    expect((await post('a.b.c')).statusCode).toBe(400);
    expect(await world.rows()).toEqual(before);
  });

  test('an early refusal carries the signed refusal', async () => {
    const answer = await post(world.inquiry({ purpose: 'COLLECTION' }));
    expect(answer.statusCode).toBe(403);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    const body = answer.json<{ code: string; refusal: string }>();
    expect(body.code).toBe('purpose_not_permitted');
    expect(readUnverified(body.refusal).claims).toMatchObject({ iss: 'broker', aud: 'abc-bank' });
  });
});

describe('GET evidence', () => {
  test('S17: the bundle verifies offline but for its leaves, under the anchor and no other', async () => {
    const id = await finished();
    const bundle: unknown = (await get(id, '/evidence')).json();
    expect(verifyBundle(bundle, { anchor: world.members.anchor }).verdict).toBe('unproven');
    expect(() => verifyBundle(bundle, { anchor: world.peers.consent.digest })).toThrow(/anchor/u);
  });

  test('a partial report has evidence too, with the disclosures that there are', async () => {
    world.peers.bureaus.set('central', [{ say: 'refuse', code: 'subject_frozen' }]);
    const id = await finished();
    const bundle = (await get(id, '/evidence')).json<{ disclosures: string[] }>();
    expect(verifyBundle(bundle, { anchor: world.members.anchor }).verdict).toBe('unproven');
    expect(bundle.disclosures).toHaveLength(1);
  });

  test('404 before there is a report', async () => {
    const key = await world.accepted();
    expect((await get(idOf(key), '/evidence')).statusCode).toBe(404);
  });
});

describe('GET events', () => {
  const idsOf = (text: string) => [...text.matchAll(/^id: (\d+)$/gmu)].map((match) => Number(match[1]));

  test('tells each bureau and the state, thin, and ends with the inquiry', async () => {
    const id = await finished();
    const answer = await get(id, '/events');
    expect(answer.headers['content-type']).toContain('text/event-stream');
    expect(answer.body).toContain('"bureau":"central","state":"answered"');
    expect(answer.body).toContain(`"state":"complete","report_version":1`);
    expect(answer.body).not.toMatch(/s1\.1\.|eyJ|LOAN_APPROVAL/u);
  });

  test('with Last-Event-ID only what came after', async () => {
    const id = await finished();
    const ids = idsOf((await get(id, '/events')).body);
    const last = Math.max(...ids);
    const again = await get(id, '/events', 'abc-bank', { 'last-event-id': String(last - 1) });
    expect(idsOf(again.body)).toEqual([last]);
    const none = await get(id, '/events', 'abc-bank', { 'last-event-id': String(last) });
    expect(idsOf(none.body)).toEqual([]);
  });

  test('400 for a Last-Event-ID that is no number', async () => {
    const id = await finished();
    expect((await get(id, '/events', 'abc-bank', { 'last-event-id': "1'--" })).statusCode).toBe(400);
  });
});
