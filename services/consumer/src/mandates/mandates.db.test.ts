import { readUnverified, verify, type Consent, type Power } from '@causeway/protocol';
import { testDatabase, type TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { added } from '../test-rows.ts';
import { createWorld, refOf, type World } from '../test-world.ts';
import { entrust, entrustingNonce, offerCode } from './authorise.ts';
import { endMandate } from './end.ts';
import { openPart } from './sealed.ts';
import { actingApp } from './test-acting.ts';

let database: TestDatabase;
let world: World;
let kit: Awaited<ReturnType<typeof actingApp>>;
type Person = ReturnType<(typeof kit)['person']>;
let mother: Person;
let daughter: Person;
const dayMs = 86_400_000;

beforeAll(async () => {
  database = await testDatabase({ migrations: 'consumer' });
  world = await createWorld(database.url);
  kit = await actingApp(world);
});
beforeEach(() => {
  world.nodes.reset();
  [mother, daughter] = [kit.person(), kit.person()];
});
afterAll(async () => {
  await kit.app.close();
  await world.close();
  await database.drop();
});

const all: Power[] = ['read', 'consent', 'freeze', 'dispute'];
const acting = async (mandate: string, agent = daughter) => ({
  ...(await kit.session(agent)),
  'causeway-acting-for': mandate,
});
const codeOf = async (act: Promise<unknown>): Promise<unknown> =>
  await act.then(
    () => 'done',
    (error: unknown) => (error as { code?: unknown }).code,
  );

describe('an attorney', () => {
  test('is entrusted by a statement with its leaf, and both find it in their lists', async () => {
    let mandate: Awaited<ReturnType<typeof kit.entrusted>> | undefined;
    const rows = await added(world, async () => {
      mandate = await kit.entrusted(mother, daughter, { purposes: ['LOAN_APPROVAL'] });
    });
    expect(rows).toEqual({ mandate: 1, leaf_staging: 1 });
    if (mandate === undefined) return;
    const jws = await openPart(world.consumer, 'statement', mandate, mandate.statement);
    const { claims } = verify('mandate', jws, {
      ...{ keys: world.directory.view.keys, fed: 'test', nowMs: world.clock.now() },
      ...{ audience: 'consumer', received: 'first' as const },
    });
    expect(claims).toMatchObject({
      ...{ action: 'grant', kind: 'attorney', powers: ['read'], purposes: ['LOAN_APPROVAL'] },
      ...{ subject_ref: await refOf(mother), agent_ref: await refOf(daughter) },
    });
    const mine = await kit.call('GET', '/v1/mandates', await kit.session(mother));
    expect(mine.body).toMatchObject({
      for_me: [{ id: mandate.id, name: 'Daughter', kind: 'attorney', status: 'standing' }],
      by_me: [],
    });
    const hers = await kit.call('GET', '/v1/mandates', await kit.session(daughter));
    expect(hers.body).toMatchObject({ for_me: [], by_me: [{ id: mandate.id, name: 'Mother' }] });
    expect((await kit.call('GET', '/v1/mandates', await kit.session(kit.person()))).body).toEqual({
      ...{ for_me: [], by_me: [] },
    });
  });

  test('approves by a sign-in for that, and the consent says under what', async () => {
    const mandate = await kit.entrusted(mother, daughter, { powers: ['consent'] });
    const { body, status } = await kit.approveFor(daughter, mother, mandate.id);
    expect(status).toBe(201);
    const { claims } = readUnverified(String(body['consent']));
    expect(claims as Consent).toMatchObject({
      ...{ subject_ref: await refOf(mother), strength: 'idp' },
      grantor: { role: 'attorney', mandate: mandate.digest },
    });
    const by = { role: 'attorney', mandate: mandate.id, name: 'Daughter' };
    const receipts = await kit.call('GET', '/v1/receipts', await kit.session(mother));
    expect(receipts.body).toMatchObject({ items: [{ change: 'given', by }] });
    const consents = await kit.call('GET', '/v1/consents', await kit.session(mother));
    expect(consents.body).toMatchObject({ items: [{ id: body['id'], by }] });
    // It is used as any other.
    const inquiry = world.inquiry({
      subject_ref: await refOf(mother),
      consent: String(body['digest']) as never,
    });
    const redeemed = await world.redemptions.redeem({ inquiry: inquiry.jws }, 'broker');
    expect(redeemed).toHaveProperty('grants');
  });

  test('reads, freezes, thaws, disputes, and each line says who did it', async () => {
    const mandate = await kit.entrusted(mother, daughter, { powers: all });
    const headers = await acting(mandate.id);
    for (const path of ['accesses', 'receipts', 'consents', 'freezes', 'consent-requests', 'disputes'])
      expect([path, (await kit.call('GET', `/v1/${path}`, headers)).status]).toEqual([path, 200]);
    const frozen = await kit.call('POST', '/v1/freezes', headers, {});
    expect(frozen.status).toBe(201);
    world.clock.advance(1000);
    const id = String(frozen.body['id']);
    const nonce = `thaw:${id}:for:${mandate.id}`;
    const token = await world.idToken({ identity: daughter, nonce });
    const thawed = await kit.call(
      'POST',
      `/v1/freezes/${id}/thaw`,
      {},
      { id_token: token, mandate: mandate.id },
    );
    expect(thawed).toMatchObject({ status: 200, body: { status: 'lifted' } });
    const dispute = { bureau: 'central', record: 'r-1', reason: 'not_mine', text: 'It is not hers.' };
    const opened = await kit.call('POST', '/v1/disputes', headers, dispute);
    expect(opened.status).toBe(201);
    const mine = await kit.session(mother);
    const receipts = (await kit.call('GET', '/v1/receipts', mine)).body as { items: object[] };
    expect(receipts.items).toMatchObject([
      { change: 'thawed', by: { mandate: mandate.id } },
      { change: 'frozen', by: { mandate: mandate.id } },
    ]);
    const by = { role: 'attorney', mandate: mandate.id, name: 'Daughter' };
    expect((await kit.call('GET', '/v1/disputes', mine)).body).toMatchObject({
      items: [{ id: opened.body['id'], mandate: mandate.digest, by }],
    });
    const back = await kit.call('POST', `/v1/disputes/${String(opened.body['id'])}/withdrawal`, headers);
    expect(back).toMatchObject({ status: 200, body: { by, withdrawn_by: by } });
    expect((await kit.call('GET', '/v1/disputes', mine)).body).toMatchObject({
      items: [{ id: opened.body['id'], by, withdrawn_by: by }],
    });
    // Nothing of it is hers.
    const own = await kit.call('GET', '/v1/receipts', await kit.session(daughter));
    expect(own.body).toMatchObject({ items: [] });
  });

  test('what the subject takes back themselves is nobody else’s doing', async () => {
    const mandate = await kit.entrusted(mother, daughter, { powers: ['dispute'] });
    const dispute = { bureau: 'central', record: 'r-3', reason: 'not_mine', text: 'It is not hers.' };
    const { body } = await kit.call('POST', '/v1/disputes', await acting(mandate.id), dispute);
    const mine = await kit.session(mother);
    const back = await kit.call('POST', `/v1/disputes/${String(body['id'])}/withdrawal`, mine);
    expect(back).toMatchObject({ status: 200, body: { by: { name: 'Daughter' } } });
    expect(back.body).not.toHaveProperty('withdrawn_by');
  });

  test('is ended by the subject at once, and by themselves; again changes nothing', async () => {
    for (const who of [mother, daughter]) {
      world.clock.advance(1000);
      const { id } = await kit.entrusted(mother, daughter, { powers: all });
      const end = async () => await kit.call('POST', `/v1/mandates/${id}/end`, await kit.session(who));
      expect(await added(world, end)).toEqual({ leaf_staging: 1 });
      expect(await added(world, end)).toEqual({});
      expect((await kit.call('GET', '/v1/accesses', await acting(id))).status).toBe(404);
    }
    const list = await kit.call('GET', '/v1/mandates', await kit.session(mother));
    expect(list.body).toMatchObject({
      for_me: [
        { status: 'ended', ended_by: 'agent' },
        { status: 'ended', ended_by: 'subject' },
      ],
    });
  });
});

describe('S76 one answer, and nothing is written', () => {
  const absent = '01a1ee56-5e00-7eb3-a481-99ce1cecb69a';
  const answersOf = async (mandate: string, agent: Person) => {
    const headers = await acting(mandate, agent);
    const dispute = { bureau: 'central', record: 'r-2', reason: 'not_mine', text: 'No.' };
    const answers = [
      await kit.call('GET', '/v1/accesses', headers),
      await kit.call('GET', '/v1/consent-requests', headers),
      await kit.call('POST', '/v1/freezes', headers, {}),
      await kit.call('POST', '/v1/disputes', headers, dispute),
      await kit.approveFor(agent, mother, mandate),
    ];
    return answers.map(({ body, status }) => [status, body['code'], body['detail']]);
  };
  /** The same answers as for a mandate that there is not, and nothing written. */
  const asAbsent = async (mandate: string, agent: Person): Promise<boolean> => {
    let answers: unknown;
    const rows = await added(world, async () => (answers = await answersOf(mandate, agent)));
    expect([rows, answers]).toEqual([{}, await answersOf(absent, agent)]);
    return true;
  };

  test('for somebody whom it does not entrust', async () => {
    const { id } = await kit.entrusted(mother, daughter, { powers: all });
    expect(await asAbsent(id, kit.person())).toBe(true);
    expect(await asAbsent(id, mother)).toBe(true);
  });

  test('where it has ended, or its time is over', async () => {
    const ended = await kit.entrusted(mother, daughter, { powers: all });
    await endMandate(world.consumer, [await refOf(mother)], ended.id);
    expect(await asAbsent(ended.id, daughter)).toBe(true);
    const over = await kit.entrusted(mother, daughter, { powers: all, days: 1 });
    world.clock.advance(dayMs);
    expect(await asAbsent(over.id, daughter)).toBe(true);
  });

  test('for another power', async () => {
    const { id } = await kit.entrusted(mother, daughter, { powers: ['freeze'] });
    const headers = await acting(id);
    const rows = await added(world, async () => {
      expect((await kit.call('GET', '/v1/accesses', headers)).status).toBe(404);
      expect((await kit.approveFor(daughter, mother, id)).status).toBe(404);
    });
    expect(rows).toEqual({});
    expect((await kit.call('POST', '/v1/freezes', headers, {})).status).toBe(201);
  });

  test('of the subject’s dispute, which nobody takes back without the power or after the end', async () => {
    const dispute = { bureau: 'central', record: 'r-4', reason: 'not_mine', text: 'No.' };
    const { body } = await kit.call('POST', '/v1/disputes', await kit.session(mother), dispute);
    const path = `/v1/disputes/${String(body['id'])}/withdrawal`;
    const reader = await kit.entrusted(mother, daughter, { powers: ['read', 'consent', 'freeze'] });
    const ended = await kit.entrusted(mother, daughter, { powers: all });
    await endMandate(world.consumer, [await refOf(mother)], ended.id);
    const foreign = await kit.entrusted(kit.person(), daughter, { powers: all });
    const rows = await added(world, async () => {
      for (const { id } of [reader, ended, foreign])
        expect((await kit.call('POST', path, await acting(id))).body).toMatchObject({ code: 'not_found' });
    });
    expect(rows).toEqual({});
    const { body: now } = await kit.call('GET', '/v1/disputes', await kit.session(mother));
    expect((now['items'] as object[])[0]).not.toHaveProperty('withdrawn_at');
  });

  test('for another purpose than those entrusted, of requests and of consents', async () => {
    const { id } = await kit.entrusted(mother, daughter, {
      powers: ['consent', 'read'],
      purposes: ['CARD_APPROVAL'],
    });
    const own = await world.consentOf(mother);
    const headers = await acting(id);
    const rows = await added(world, async () => {
      const { asked, status } = await kit.approveFor(daughter, mother, id);
      expect(status).toBe(404);
      expect((await kit.call('GET', '/v1/consent-requests', headers)).body).toEqual({ items: [] });
      for (const [path, body] of [
        [`consent-requests/${asked.id}/rejection`, undefined],
        [`consent-requests/${asked.id}/choice`, { categories: ['SCORE'], bureaus: ['central'] }],
        [`consents/${own.id}/revocation`, {}],
      ] as const)
        expect([path, (await kit.call('POST', `/v1/${path}`, headers, body)).status]).toEqual([path, 404]);
    });
    expect(rows).toEqual({});
    expect((await kit.approveFor(daughter, mother, id, { purposes: ['CARD_APPROVAL'] })).status).toBe(201);
  });

  test('for what nobody does for another: passkeys, channels, links, warnings, mandates', async () => {
    const { id } = await kit.entrusted(mother, daughter, { powers: all });
    const headers = await acting(id);
    const forbidden: ['GET' | 'POST', string, object?][] = [
      ['GET', '/v1/passkeys'],
      ['POST', '/v1/passkey-registrations'],
      ['GET', '/v1/channels'],
      ['POST', '/v1/channels', { kind: 'email', target: 'other@example.com' }],
      ['GET', '/v1/identities'],
      ['POST', '/v1/link-requests', { id_token: 'x' }],
      ['POST', '/v1/identities', { id_token: 'x' }],
      ['POST', '/v1/sessions', { id_token: 'x' }],
      ['POST', '/v1/fraud-alerts', { text: 'Ask me first', days: 30 }],
      ['GET', '/v1/mandates'],
      ['POST', '/v1/mandate-codes', { name: 'Somebody' }],
      ['POST', `/v1/mandates/${id}/end`],
      ['POST', `/v1/consent-requests/${absent}/document`, { form_digest: `sha-256:${'A'.repeat(43)}` }],
    ];
    const rows = await added(world, async () => {
      for (const [method, path, body] of forbidden) {
        const { body: told, status } = await kit.call(method, path, headers, body);
        expect([path, status, told['code']]).toEqual([path, 404, 'not_found']);
      }
    });
    expect(rows).toEqual({});
  });

  test('an act by an id_token is never done for another by the header alone', async () => {
    const { id } = await kit.entrusted(mother, daughter, { powers: all });
    const nonce = `freeze:${'0'.repeat(36)}`;
    const id_token = await world.idToken({ identity: daughter, nonce });
    const headers = { 'causeway-acting-for': id };
    const rows = await added(world, async () => {
      expect((await kit.call('POST', '/v1/freezes', headers, { id_token })).status).toBe(404);
    });
    expect(rows).toEqual({});
  });

  test('a sign-in for oneself approves nothing for another, nor under another mandate', async () => {
    const first = await kit.entrusted(mother, daughter, { powers: ['consent'] });
    const second = await kit.entrusted(mother, daughter, { powers: ['consent'] });
    const { asked } = await kit.approveFor(daughter, mother, absent);
    const named = `approve:${asked.id}:${asked.form_digest}`;
    const rows = await added(world, async () => {
      for (const nonce of [named, `${named}:for:${second.id}`]) {
        const id_token = await world.idToken({ identity: daughter, nonce });
        const body = { request: asked.id, id_token, mandate: first.id };
        expect((await kit.call('POST', '/v1/consents', {}, body)).status).toBe(401);
      }
    });
    expect(rows).toEqual({});
  });

  test('ended while somebody acts: whichever comes first, nothing is done after the end', async () => {
    const { id } = await kit.entrusted(mother, daughter, { powers: all });
    const headers = await acting(id);
    const [, done] = await Promise.all([
      endMandate(world.consumer, [await refOf(mother)], id),
      kit.call('POST', '/v1/freezes', headers, {}),
    ]);
    expect([201, 404]).toContain(done.status);
    expect((await kit.call('POST', '/v1/freezes', headers, {})).status).toBe(404);
  });
});

describe('nobody is entrusted', () => {
  const attempt = async (code: string, who: object = { identity: mother }, terms: object = {}) => {
    const asked = { code, name: 'Daughter', powers: ['read' as const], days: 30, ...terms };
    const token = await world.idToken({ ...who, nonce: entrustingNonce(asked) });
    return await codeOf(entrust(world.consumer, asked, token));
  };
  const offered = async (agent = daughter) =>
    (await offerCode(world.consumer, await refOf(agent), 'Mother')).code;

  test('with a code that is wrong, old or used, or one’s own', async () => {
    const [used, own] = [await offered(), await offered(mother)];
    expect(await attempt(used)).toBe('done');
    const old = await offered();
    world.clock.advance(1000);
    const rows = await added(world, async () => {
      expect(await attempt('A'.repeat(12))).toBe('not_found');
      expect(await attempt(used)).toBe('not_found');
      expect(await attempt(own)).toBe('bad_request');
      world.clock.advance(15 * 60_000);
      expect(await attempt(old)).toBe('not_found');
    });
    expect(rows).toEqual({});
  });

  test('for other terms than those signed in for, nor with a name of two lines', async () => {
    const code = await offered();
    const asked = { code, name: 'Daughter', powers: ['read' as const], days: 30 };
    const token = await world.idToken({ identity: mother, nonce: entrustingNonce(asked) });
    const rows = await added(world, async () => {
      for (const change of [
        { powers: all },
        { days: 31 },
        { name: 'Son' },
        { purposes: ['LOAN_APPROVAL' as const] },
      ])
        expect(await codeOf(entrust(world.consumer, { ...asked, ...change }, token))).toBe('token_invalid');
      expect(await attempt(code, undefined, { name: 'a\nb' })).toBe('bad_request');
    });
    expect(rows).toEqual({});
  });

  test('by an enterprise, whose representative may be another one tomorrow', async () => {
    const enterprise = { scheme: 'gb32100', value: '91350100M000100Y43' };
    const who = { identity: mother, role: 'legal_representative', enterprise };
    const code = await offered();
    const rows = await added(world, async () => expect(await attempt(code, who)).toBe('role_not_permitted'));
    expect(rows).toEqual({});
  });

  test('beyond five at a time, and three codes', async () => {
    for (let n = 0; n < 5; n += 1) await kit.entrusted(mother, kit.person());
    expect(await attempt(await offered())).toBe('conflict');
    for (let n = 0; n < 3; n += 1) await offered(mother);
    expect(await codeOf(offered(mother))).toBe('rate_limited');
  });
});
