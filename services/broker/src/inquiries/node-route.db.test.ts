import { systemRandom } from '@causeway/kernel';
import { digestOf, readUnverified, sha256Digest, type UnsignedClaims } from '@causeway/protocol';
import { baseApp } from '@causeway/service/base-app';
import { plainServer } from '@causeway/service/server';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { runInquiry } from '../fan-out/run-inquiry.ts';
import { addReportCheckRoute } from '../reports/written-route.ts';
import { createWorld, type World } from '../test-world.ts';
import { inquiryKey } from './key.ts';
import { addNodeInquiryRoutes } from './node-route.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
beforeEach(() => {
  world.peers.calls.length = 0;
  world.peers.passkey = undefined;
});
afterAll(async () => await world.close());

/** A call on the federation listener; the connection's identity is the test's word. */
async function call(peer: string, method: 'GET' | 'POST', url: string, payload?: object) {
  const { clock, log } = world.broker;
  const app = baseApp({ log, clock, random: systemRandom }, plainServer);
  app.decorateRequest('peer', '');
  app.addHook('onRequest', async (request) => {
    request.peer = peer;
  });
  addNodeInquiryRoutes(app, world.broker);
  addReportCheckRoute(app, world.broker);
  const answer = await app.inject({ method, url, ...(payload === undefined ? {} : { payload }) });
  await app.close();
  return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
}

const basis = { code: 'OWN_ENQUIRY', cited: sha256Digest('enrolment') };
const own = (change: Partial<UnsignedClaims<'inquiry'>> = {}, asker = 'consumer'): string =>
  world.inquiry(
    { consent: undefined as never, basis, purpose: 'OWN_ENQUIRY', operator: 'self', ...change },
    asker,
  );
const idOf = (jws: string): string => (readUnverified(jws).claims as { jti: string }).jti;
const post = async (inquiry: string, peer = 'consumer') =>
  await call(peer, 'POST', '/v1/inquiries', { inquiry });

describe('the consumer service', () => {
  test('asks for a person, looks where it stands, and gets the report, like any other asker', async () => {
    const jws = own();
    const path = `/v1/inquiries/${idOf(jws)}`;
    expect(await post(jws)).toMatchObject({ status: 202, body: { id: idOf(jws), state: 'accepted' } });
    expect(await post(jws)).toMatchObject({ status: 202 });
    expect(await call('consumer', 'GET', `${path}/report`)).toMatchObject({ status: 202 });
    const passkey = proof;
    world.peers.passkey = passkey;
    await runInquiry(world.broker, inquiryKey(idOf(jws), 'consumer'));
    expect(world.peers.shown).toEqual([passkey, passkey]);
    expect(await call('consumer', 'GET', path)).toMatchObject({
      ...{ status: 200, body: { state: 'complete', report_version: 1 } },
    });
    const { body, status } = await call('consumer', 'GET', `${path}/report`);
    expect([status, body['disclosures']]).toEqual([200, [expect.any(String), expect.any(String)]]);
    expect(readUnverified(String(body['report'])).claims).toMatchObject({ aud: 'consumer', version: 1 });
  });

  test('S54 reaches its own inquiries only, and nobody else those', async () => {
    const jws = own();
    await post(jws);
    const lenders = world.inquiry();
    await world.accepted(lenders);
    for (const part of ['', '/report']) {
      expect(await call('consumer', 'GET', `/v1/inquiries/${idOf(lenders)}${part}`)).toMatchObject({
        ...{ status: 404, body: { code: 'not_found' } },
      });
      for (const peer of ['central', 'abc-bank', 'authority']) {
        expect(await call(peer, 'GET', `/v1/inquiries/${idOf(jws)}${part}`)).toMatchObject({ status: 403 });
      }
    }
  });

  test.each([
    ['a bureau', 'central', () => own(), 'role_not_permitted'],
    ['a lender, with an inquiry of its own', 'abc-bank', () => world.inquiry(), 'role_not_permitted'],
    ['the consumer service, with a lender’s inquiry', 'consumer', () => world.inquiry(), 'identity_mismatch'],
  ])('S16 %s hands in nothing here', async (_what, peer, make, code) => {
    const before = await world.rows();
    expect(await post(make(), peer)).toMatchObject({ status: 403, body: { code } });
    expect(await world.rows()).toEqual(before);
  });

  test('S16 asks for no lender’s purpose, and a lender for none of a person', async () => {
    const consented = world.inquiry({}, 'consumer');
    expect(await post(consented)).toMatchObject({ status: 403, body: { code: 'role_not_permitted' } });
    const answer = await world.post(own({}, 'abc-bank'));
    expect(answer).toMatchObject({ refused: { code: 'role_not_permitted' } });
  });
});

describe('whether a report was written', () => {
  const check = async (body: object, peer = 'consumer') =>
    await call(peer, 'POST', '/v1/report-checks', body);

  test('says the ledger: yes for this report, inquiry and lender, and no for all else', async () => {
    const lenders = world.inquiry();
    const key = await world.accepted(lenders);
    await runInquiry(world.broker, key);
    const { rows } = await world.broker.pool.query<{ digest: string }>(
      'SELECT digest FROM inquiry_report WHERE inquiry = $1',
      [key],
    );
    const written = {
      ...{ inquiry: digestOf(lenders), report: rows[0]?.digest ?? '', lender: 'abc-bank' },
    };
    expect(await check(written)).toEqual({ status: 200, body: { written: true } });
    const others = [
      { ...written, lender: 'evergreen' },
      { ...written, inquiry: sha256Digest('another') },
      { ...written, report: sha256Digest('another') },
      { ...written, report: written.inquiry },
    ];
    for (const other of others) {
      expect(await check(other)).toEqual({ status: 200, body: { written: false } });
    }
  });

  test('S16 is told to the consumer service alone', async () => {
    const body = { inquiry: sha256Digest('i'), report: sha256Digest('r'), lender: 'abc-bank' };
    for (const peer of ['central', 'abc-bank', 'authority']) {
      expect(await check(body, peer)).toMatchObject({ status: 403, body: { code: 'role_not_permitted' } });
    }
    expect(await check({ ...body, more: 1 })).toMatchObject({ status: 400 });
  });
});

const part = 'AAAA';
const proof = {
  enrolments: [{ statement: 'a.b.c' }],
  assertion: { credential_id: part, client_data: part, authenticator_data: part, signature: part },
};
