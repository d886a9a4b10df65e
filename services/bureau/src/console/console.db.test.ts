import { createHash } from 'node:crypto';
import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import { subject } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createBatches } from '../publishing/batches.ts';
import { storeMapping } from '../publishing/mappings.ts';
import { resident } from '../publishing/test-residents.ts';
import { mayDo, permissions, staffRoles } from '../staff/roles.ts';
import { deskOf, text } from '../disputes/test-desk.ts';
import { account } from '../test-world.ts';
import type { PermissionName } from '../staff/roles.ts';
import { cookieOf, createConsole, publicUrl } from '../staff/test-console.ts';
import type { Jar } from '../staff/test-console.ts';

const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'utf-8', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: {
        kind: { const: 'person' },
        source_record_id: { column: 'no', as: 'text' },
        sex: { column: '=sex', as: 'code', map: { F: 'female', M: 'male' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};
const csv = `id,no,=sex\n${resident(1)},1,F\n${resident(2)},2,X\n${resident(3)},3,M\n`;

let database: TestDatabase;
let desk: Awaited<ReturnType<typeof createConsole>>;
let digest: string;
let batch: string;
let statement: string | null;
const jars = new Map<string, Jar>();

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  desk = await createConsole(database);
  digest = await storeMapping(desk.bureau, mapping);
  const file = Buffer.from(csv);
  const expected = new Uint8Array(await crypto.subtle.digest('SHA-256', file));
  const taken = await createBatches(desk.bureau).publish(digest, chunks(file), expected);
  batch = taken.digest;
  statement = taken.statement_digest;
  await answered('disclosed', 1);
  await answered('refused', 2);
  for (const role of staffRoles) jars.set(role, (await desk.signIn(`central.${role}`)).set);
});
afterAll(async () => {
  await desk.close();
  await database.drop();
});

async function* chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** An answer of a moment ago, as the disclosures leave it. */
async function answered(state: 'disclosed' | 'refused', use: number): Promise<void> {
  const now = desk.bureau.clock.now();
  const any = sha256Digest('any');
  const row = { subject_ref: subject, inquiry: any, use, state, lender: 'abc-bank', presenter: 'broker' };
  const times = { reserved_ms: now - use, answered_ms: now, purge_at_ms: now };
  const said = { grant_digest: any, outcome: state, digest: any, statement: null, purpose: 'LOAN_APPROVAL' };
  await desk.bureau.db
    .insertInto('answer')
    .values({ ...row, ...times, ...said })
    .execute();
}

interface Route {
  readonly method: string;
  readonly url: string;
  readonly needs: PermissionName;
  readonly payload?: object | string;
  readonly headers?: Record<string, string>;
  /** What whoever may ask is answered; 200 where it is left out. */
  readonly answers?: number;
}

const nobodys = uuidv7(systemClock, systemRandom);
const one = () => `/v1/console/batches/${encodeURIComponent(batch)}/${encodeURIComponent(digest)}`;
const file = () => ({
  payload: csv,
  headers: {
    'content-type': 'text/csv',
    'content-digest': `sha-256=:${createHash('sha256').update(csv).digest('base64')}:`,
  },
});
const sample = () => Buffer.from(csv).toString('base64url');

/** Every route of the console and what it takes; one that is missing here fails the first test. */
const routes = (): Record<string, Route> => ({
  'GET /v1/console/self': { method: 'GET', url: '/v1/console/self', needs: 'self.read' },
  'GET /v1/console/health': { method: 'GET', url: '/v1/console/health', needs: 'health.read' },
  'GET /v1/console/keys': { method: 'GET', url: '/v1/console/keys', needs: 'keys.read' },
  'GET /v1/console/rules': { method: 'GET', url: '/v1/console/rules', needs: 'rules.read' },
  'GET /v1/console/reads': { method: 'GET', url: '/v1/console/reads?days=90', needs: 'reads.read' },
  'GET /v1/console/staff-reads': { method: 'GET', url: '/v1/console/staff-reads', needs: 'staff_reads.read' },
  'GET /v1/console/batches': { method: 'GET', url: '/v1/console/batches', needs: 'batches.read' },
  'GET /v1/console/batches/{batch}/{mapping}': { method: 'GET', url: one(), needs: 'batches.read' },
  'GET /v1/console/batches/{batch}/{mapping}/rejections': {
    ...{ method: 'GET', url: `${one()}/rejections`, needs: 'rejections.read' },
  },
  'GET /v1/console/mappings': { method: 'GET', url: '/v1/console/mappings', needs: 'batches.read' },
  'POST /v1/console/previews': {
    ...{ method: 'POST', url: '/v1/console/previews', needs: 'mapping.preview' },
    payload: { mapping: digest, sample: sample() },
  },
  'POST /v1/console/mappings': {
    ...{ method: 'POST', url: '/v1/console/mappings', needs: 'mappings.store', answers: 201 },
    payload: mapping,
  },
  'POST /v1/console/checks': {
    ...{ method: 'POST', url: `/v1/console/checks?mapping=${digest}`, needs: 'files.check', ...file() },
  },
  'POST /v1/console/batches': {
    ...{ method: 'POST', url: `/v1/console/batches?mapping=${digest}`, needs: 'files.publish', ...file() },
  },
  'POST /v1/console/batches/{batch}/{mapping}/corrections': {
    ...{ method: 'POST', url: `${one()}/corrections`, needs: 'files.publish' },
    // Still wrong, so that nothing comes of it.
    payload: { rows: [{ line: 3, cells: [resident(2), '2', 'X'] }] },
  },
  // It is the publisher who has just sent this file again.
  'POST /v1/console/batches/{batch}/{mapping}/sign-off': {
    ...{ method: 'POST', url: `${one()}/sign-off`, needs: 'batches.sign_off', answers: 403 },
    payload: {
      ...{ name: '陈报', statement, lines: 3, accepted: 2, rejected: 1, warnings: 0, deleted: 0 },
    },
  },
  'GET /v1/console/disputes': { method: 'GET', url: '/v1/console/disputes', needs: 'disputes.read' },
  'GET /v1/console/disputes/{id}': {
    ...{ method: 'GET', url: `/v1/console/disputes/${nobodys}`, needs: 'disputes.read', answers: 404 },
  },
  'GET /v1/console/disputes/{id}/item': {
    ...{ method: 'GET', url: `/v1/console/disputes/${nobodys}/item`, needs: 'disputes.read', answers: 404 },
  },
  'POST /v1/console/disputes/{id}/acts': {
    ...{ method: 'POST', url: `/v1/console/disputes/${nobodys}/acts`, needs: 'disputes.act', answers: 404 },
    payload: { kind: 'forward' },
  },
});

async function ask({ headers: more, method, payload, url }: Route, jar: Jar | undefined, origin = publicUrl) {
  const headers = { origin, ...more, ...(jar === undefined ? {} : { cookie: cookieOf(jar) }) };
  return await desk.app.inject({
    ...{ method: method as 'GET', url, headers },
    ...(payload && { payload }),
  });
}
const traces = async (): Promise<number> => await desk.world.count('staff_read');
const as = async (role: string, url: string) =>
  await ask({ method: 'GET', url, needs: 'self.read' }, jars.get(role));

describe('a role', () => {
  it('lists every route of the console here', () => {
    const { paths } = desk.app.swagger() as { paths: Record<string, Record<string, unknown>> };
    const described = Object.entries(paths)
      .filter(([path]) => path.startsWith('/v1/console/'))
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
    expect(Object.keys(routes()).toSorted()).toEqual(described.toSorted());
  });

  it.each(staffRoles)('S97 %s sees and does what is its own, and nothing else', async (role) => {
    for (const [name, route] of Object.entries(routes())) {
      const before = await traces();
      const { statusCode } = await ask(route, jars.get(role));
      const may = mayDo([role], route.needs);
      expect([name, statusCode]).toEqual([name, may ? (route.answers ?? 200) : 403]);
      expect([name, (await traces()) - before]).toEqual([
        name,
        may && permissions[route.needs].traced ? 1 : 0,
      ]);
    }
  });

  it('nobody without a session, and nothing is changed by a page of another site', async () => {
    for (const route of Object.values(routes())) {
      expect((await ask(route, undefined)).statusCode).toBe(401);
      if (route.method === 'GET') continue;
      const before = await traces();
      const publisher = jars.get('publisher');
      expect((await ask(route, publisher, 'https://evil.example')).statusCode).toBe(401);
      expect(await traces()).toBe(before);
    }
  });
});

describe('batches', () => {
  it('are shown as a funnel, with the rules that spoke', async () => {
    const { items } = (await as('publisher', '/v1/console/batches')).json<{ items: object[] }>();
    expect(items).toMatchObject([{ batch, lines: 3, accepted: 2, rejected: 1, state: 'complete' }]);
    const shown = (await as('auditor', one())).json<{ rules: object[] }>();
    expect(shown.rules).toMatchObject([{ rule: 'code', lines: 1, severity: 'rejected' }]);
  });

  it('give a file of what was rejected, in which no cell is a formula', async () => {
    const { body, headers } = await as('publisher', `${one()}/rejections`);
    expect(headers['content-disposition']).toContain('attachment');
    const [head = '', line = ''] = body.split('\r\n');
    expect(head).toBe('\uFEFFline,column,rule,pointer,message,说明');
    expect(line).toMatch(/^3,'=sex,code,/u);
    expect(body).not.toContain(resident(2));
  });

  it('S76 that are not there leave nothing but the trace of who asked', async () => {
    const elsewhere = encodeURIComponent(sha256Digest('none'));
    const url = `/v1/console/batches/${elsewhere}/${elsewhere}/rejections`;
    const { headers, statusCode } = await as('publisher', url);
    expect([statusCode, headers['content-type']]).toEqual([404, 'application/problem+json']);
  });
});

describe('a preview', () => {
  it('shows rows beside what they become, and nobody’s number', async () => {
    const route = routes()['POST /v1/console/previews'] as Route;
    const answer = await ask(route, jars.get('publisher'));
    expect(answer.json<{ items: object[] }>().items).toHaveLength(3);
    for (const n of [1, 2, 3]) expect(answer.body).not.toContain(resident(n));
  });

  it.each([
    ['of a mapping that is not there', () => ({ mapping: sha256Digest('none'), sample: sample() }), 404],
    ['of a file without its columns', () => ({ mapping: digest, sample: 'YQ' }), 400],
    ['that is too large', () => ({ mapping: digest, sample: 'A'.repeat(131_073) }), 400],
  ])('%s is refused', async (_, payload, status) => {
    const route = { ...(routes()['POST /v1/console/previews'] as Route), payload: payload() };
    const { statusCode } = await ask(route, jars.get('publisher'));
    expect(statusCode).toBe(status);
  });
});

const act = async (id: string, who: Jar | undefined, payload: object) =>
  await ask({ method: 'POST', url: `/v1/console/disputes/${id}/acts`, needs: 'disputes.act', payload }, who);

describe('disputes', () => {
  it('are handled by who signed in, and a clock is moved by somebody else', async () => {
    const { world } = desk;
    const others = account('L2', { balance: '5000' });
    await world.store(subject, [account('L1', { source_institution: 'abc-bank' }), others]);
    const { claims, jws } = deskOf(world).opening();
    expect((await deskOf(world).deliver(jws)).status).toBe(202);
    const { jti: id } = claims;
    const handler = jars.get('dispute_handler');
    const listed = await as('dispute_handler', '/v1/console/disputes');
    expect(listed.json<{ items: object[] }>().items).toMatchObject([{ id, state: 'marked', handler: null }]);
    expect(listed.body).not.toContain(text);
    expect((await as('dispute_handler', `/v1/console/disputes/${id}`)).json()).toMatchObject({ text });
    const forwarded = await act(id, handler, { kind: 'forward' });
    const person = 'staff:central.dispute_handler';
    expect(forwarded.json()).toMatchObject({ state: 'forwarded', handler: person });
    const steps = await world.count('dispute_step');
    expect((await act(id, handler, { kind: 'extend' })).json()).toMatchObject({
      code: 'approval_insufficient',
    });
    expect((await act(id, handler, { kind: 'forward' })).statusCode).toBe(409);
    expect((await act(id, handler, { kind: 'forward', by: 'somebody else' })).statusCode).toBe(400);
    expect((await act(id, jars.get('auditor'), { kind: 'answer' })).statusCode).toBe(403);
    expect(await world.count('dispute_step')).toBe(steps);
    expect((await act(id, handler, { kind: 'stop', reason: 'court' })).json()).toMatchObject({
      code: 'approval_insufficient',
    });
    const { set: second } = await desk.signIn('central.second_handler');
    // Another person is heard; what the law says of this clock is the state machine's.
    expect((await act(id, second, { kind: 'extend' })).json()).toMatchObject({ code: 'conflict' });
  });
});

describe('a correction', () => {
  interface Field {
    readonly name: string;
    readonly type: string;
    readonly value?: unknown;
  }

  it('is made in a form of the record’s own fields, and refused where it is no record then', async () => {
    const { world } = desk;
    const { claims, jws } = deskOf(world).opening({ record: 'account-L2' });
    expect((await deskOf(world).deliver(jws)).status).toBe(202);
    const { jti: id } = claims;
    const handler = jars.get('dispute_handler');
    const { fields } = (await as('dispute_handler', `/v1/console/disputes/${id}/item`)).json<{
      fields: Field[];
    }>();
    const named = new Map(fields.map((field) => [field.name, field]));
    expect(named.get('balance')).toMatchObject({ type: 'text', value: '5000', required: false });
    expect(named.get('status')).toMatchObject({ type: 'choice', required: true });
    expect(named.get('history')).toMatchObject({ type: 'parts' });
    for (const fixed of ['record', 'record_id', 'source_record_id', 'marks', 'expires_on'])
      expect(named.has(fixed)).toBe(false);
    expect((await as('auditor', `/v1/console/disputes/${id}/item`)).statusCode).toBe(403);
    await act(id, handler, { kind: 'answer' });
    const steps = await world.count('dispute_step');
    for (const [set, status] of [
      [{ balance: '-1' }, 400],
      [{ balance: '5000' }, 409],
      [{ record_id: 'other' }, 400],
      [{ status: null }, 400],
      [{ nobody_knows: 'x' }, 400],
    ] as const) {
      expect([set, (await act(id, handler, { kind: 'correct', set })).statusCode]).toEqual([set, status]);
    }
    expect(await world.count('dispute_step')).toBe(steps);
    const done = await act(id, handler, { kind: 'correct', set: { balance: '0' } });
    expect(done.json()).toMatchObject({ words: { en: 'You were right: the item was corrected.' } });
    expect((await act(id, handler, { kind: 'correct', set: { balance: '1' } })).statusCode).toBe(409);
  });
});

describe('reads', () => {
  it('of the data name who, for what and how often, and nobody whom they were about', async () => {
    const { body } = await as('security_officer', '/v1/console/reads?days=90');
    const { items } = JSON.parse(body) as { items: object[] };
    const counts = { inquiries: 2, disclosed: 1, refused: 1 };
    expect(items).toMatchObject([{ lender: 'abc-bank', purpose: 'LOAN_APPROVAL', ...counts }]);
    expect(body).not.toContain(subject);
  });

  it('of the staff are told to who watches over them', async () => {
    const { items } = (await as('auditor', '/v1/console/staff-reads')).json<{ items: { what: string }[] }>();
    expect(items).toContainEqual(
      expect.objectContaining({ name: '陈报', roles: ['publisher'], person: 'staff:central.publisher' }),
    );
    expect(new Set(items.map(({ what }) => what))).toEqual(
      new Set([
        'rejections.read',
        'mapping.preview',
        'disputes.read',
        'disputes.act',
        'files.check',
        'files.publish',
        'batches.sign_off',
        'mappings.store',
      ]),
    );
  });

  it('S60 the service can neither change nor remove a trace', async () => {
    const { pool } = desk.bureau;
    await expect(pool.query('UPDATE staff_read SET about = NULL')).rejects.toThrow('permission denied');
    await expect(pool.query('DELETE FROM staff_read')).rejects.toThrow('permission denied');
  });
});
