import { connect } from 'node:net';

import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { App } from './app.ts';
import { acceptStreams } from './bodies.ts';
import { handClock, memoryLog, systemRandom } from './shell.fixture.ts';
import { createMetrics } from './metrics.ts';
import { publicApp } from './public-app.ts';
import { listen } from './run-service.ts';

const exact = { additionalProperties: false } as const;
const Thing = Type.Object(
  {
    name: Type.String(),
    count: Type.Integer(),
    inner: Type.Optional(Type.Object({ a: Type.Boolean() }, exact)),
  },
  exact,
);
const { log, lines } = memoryLog();
let app: App;
let port: number;
let calls = 0;

beforeAll(async () => {
  app = await publicApp({
    name: 'test',
    title: 'Test',
    log,
    clock: handClock(),
    random: systemRandom,
    metrics: createMetrics(),
    bodyLimit: 1000,
  });
  acceptStreams(app, ['text/csv']);
  app.post('/things', { schema: { body: Thing } }, async (request) => {
    calls += 1;
    return { echo: request.body };
  });
  const statement = { schema: { body: Type.String() }, config: { consumes: ['application/jose'] } };
  app.post('/statements', statement, async (request) => ({
    got: request.body,
  }));
  app.get(
    '/page',
    { schema: { querystring: Type.Object({ limit: Type.Integer() }, exact) } },
    async (request) => ({
      limit: request.query.limit,
    }),
  );
  app.get('/hidden/:id', async () => {
    throw new CausewayError('not_found', { internal: 'belongs to somebody else' });
  });
  app.get('/boom', async () => {
    throw new Error('SELECT secret FROM table_of_people at /srv/app.ts');
  });
  port = await listen(app, '127.0.0.1', 0);
});
afterAll(async () => await app.close());

const good = { name: 'a', count: 1 };

async function post(body: string | object, headers: Record<string, string> = {}) {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  return await app.inject({
    method: 'POST',
    url: '/things',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });
}

/** Writes bytes as they are and collects the answer until the server closes. */
async function raw(text: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect(port, '127.0.0.1');
  let out = '';
  socket.on('data', (chunk) => (out += chunk.toString()));
  socket.on('close', () => resolve(out));
  socket.on('error', () => resolve(out));
  socket.write(text);
  return await promise;
}

describe('bodies', () => {
  test('S67 a body that is exactly its schema is taken as it is', async () => {
    const answer = await post({ ...good, inner: { a: true } });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toEqual({ echo: { ...good, inner: { a: true } } });
  });

  test.each([
    ['an unknown member', { ...good, status: 'approved' }],
    ['an unknown member inside', { ...good, inner: { a: true, role: 'admin' } }],
    ['a number as text', { ...good, count: '1' }],
    ['a text as number', { ...good, name: 1 }],
    ['a truth as text', { ...good, inner: { a: 'true' } }],
    ['null for absent', { ...good, inner: null }],
    ['a missing member', { name: 'a' }],
    ['an array', [good]],
  ])('S67 refused, not dropped or coerced: %s', async (_what, body) => {
    const before = calls;
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'bad_request' });
    expect(calls).toBe(before);
  });

  test.each([
    ['a duplicate member', '{"name":"a","count":1,"count":2}'],
    ['a prototype member', '{"name":"a","count":1,"__proto__":{"polluted":1}}'],
    ['no JSON', '{'],
    ['nothing', ''],
    ['a deep nest', '['.repeat(100) + ']'.repeat(100)],
  ])('a JSON body is read strictly: %s', async (_what, body) => {
    const answer = await post(body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'bad_request' });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('no body at all is refused where one is described', async () => {
    const answer = await app.inject({ method: 'POST', url: '/things' });
    expect(answer.statusCode).toBe(400);
  });

  test('S62 a body over the limit is 413 by its stated length and by its real one', async () => {
    const answer = await post({ ...good, name: 'x'.repeat(2000) });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([413, 'body_too_large']);
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const chunked = await raw(
      `POST /things HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n` +
        `connection: close\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
    );
    expect(chunked).toMatch(/^HTTP\/1.1 413 /u);
  });

  test('S62 headers over the limit are 431, a long address is refused, before any route', async () => {
    const headers = await raw(`GET /livez HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    expect(headers).toMatch(/^HTTP\/1.1 431 [^]*application\/problem\+json/u);
    const address = await app.inject({ method: 'GET', url: `/livez?${'a'.repeat(5000)}` });
    expect(address.statusCode).toBe(400);
  });

  test('S69 what is not HTTP is answered with 400 and closed', async () => {
    expect(await raw('hello\r\n\r\n')).toMatch(/^HTTP\/1.1 400 [^]*connection: close/u);
    const both = 'host: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
    expect(await raw(`POST /things HTTP/1.1\r\n${both}`)).toMatch(/^HTTP\/1.1 400 /u);
  });
});

describe('media types', () => {
  test.each([
    'application/json\t; charset=utf-8',
    'application/json ; charset=utf-8',
    'application/json; charset=utf-16',
    'application/json, text/plain',
    'application/vnd.x+json',
    'application/jsonx',
    'application/jose',
    'text/csv',
    'text/plain',
    'application/json;',
    '',
  ])('S66 validation cannot be skipped by the content type "%s"', async (type) => {
    const before = calls;
    const answer = await post({ anything: 1 }, { 'content-type': type });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([
      415,
      'unsupported_media_type',
    ]);
    expect(calls).toBe(before);
  });

  test('S66 no content type is 415, and case and charset=utf-8 do not matter', async () => {
    const none = await raw(
      'POST /things HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}',
    );
    expect(none).toMatch(/^HTTP\/1.1 415 /u);
    expect((await post(good, { 'content-type': 'Application/JSON; charset=UTF-8' })).statusCode).toBe(200);
  });

  test('a compressed body is 415', async () => {
    expect((await post(good, { 'content-encoding': 'gzip' })).statusCode).toBe(415);
  });

  test('a statement arrives as its text, and JSON is refused there', async () => {
    const request = { method: 'POST', url: '/statements', payload: 'a.b.c' } as const;
    const jose = await app.inject({ ...request, headers: { 'content-type': 'application/jose' } });
    expect(jose.json()).toEqual({ got: 'a.b.c' });
    const json = await app.inject({
      ...request,
      headers: { 'content-type': 'application/json' },
      payload: '"a"',
    });
    expect(json.statusCode).toBe(415);
  });
});

describe('queries', () => {
  test('a plain decimal is an integer where the schema says so', async () => {
    expect((await app.inject('/page?limit=20')).json()).toEqual({ limit: 20 });
  });

  test.each([
    'limit=1e3',
    'limit=%201',
    'limit=0x10',
    'limit=',
    'limit=1&limit=2',
    'limit=1&fields=all',
    'x=1',
  ])('S67 refused: %s', async (query) => {
    expect((await app.inject(`/page?${query}`)).statusCode).toBe(400);
  });
});

describe('errors', () => {
  test('S76 an unknown fault says nothing, and its message is not even in the log', async () => {
    const answer = await app.inject('/boom');
    expect(answer.statusCode).toBe(500);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(answer.body).not.toMatch(/secret|SELECT|app\.ts|at /u);
    expect(lines()).not.toContain('table_of_people');
  });

  test('S76 absent and forbidden cannot be told apart', async () => {
    const strip = (body: Record<string, unknown>) => ({ ...body, request_id: '' });
    const [absent, forbidden] = await Promise.all([app.inject('/nowhere/7'), app.inject('/hidden/7')]);
    expect(strip(forbidden.json())).toEqual(strip(absent.json()));
    const names = (answer: typeof absent) => Object.keys(answer.headers).toSorted();
    expect([forbidden.statusCode, names(forbidden)]).toEqual([absent.statusCode, names(absent)]);
  });

  test('S76 every answer is no-store and carries a request id of ours', async () => {
    for (const url of ['/livez', '/nowhere', '/boom']) {
      const answer = await app.inject({ url, headers: { 'x-request-id': 'forged' } });
      expect(answer.headers['cache-control']).toBe('no-store');
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/u);
    }
  });
});

test('a route whose schema lets unknown members pass stops the start', async () => {
  const other = await publicApp({
    name: 'test',
    title: 'Test',
    log,
    clock: handClock(),
    random: systemRandom,
    metrics: createMetrics(),
  });
  other.post('/open', { schema: { body: Type.Object({ a: Type.String() }) } }, async () => ({}));
  await expect(other.ready()).rejects.toThrow('additionalProperties');
});

test('readiness names what fails, and a check that throws or hangs counts as failing', async () => {
  expect((await app.inject('/readyz')).statusCode).toBe(200);
  const other = await publicApp({
    name: 'test',
    title: 'Test',
    log,
    clock: handClock(),
    random: systemRandom,
    metrics: createMetrics(),
  });
  other.addReadiness('fine', () => true);
  other.addReadiness('throws', () => {
    throw new Error('x');
  });
  other.addReadiness('hangs', async () => await new Promise<boolean>(() => undefined));
  const answer = await other.inject('/readyz');
  expect([answer.statusCode, answer.json()]).toMatchObject([
    503,
    { code: 'not_ready', failing: ['throws', 'hangs'] },
  ]);
});

test('S77 the API description lists the routes with their schemas', async () => {
  const answer = await app.inject('/openapi.json');
  type Described = Record<string, { post?: { requestBody?: { content: object } } }>;
  const api = answer.json<{ openapi: string; paths: Described }>();
  expect(api.openapi).toBe('3.1.1');
  expect(Object.keys(api.paths)).toEqual(expect.arrayContaining(['/things', '/livez', '/readyz']));
  expect(api.paths['/statements']?.post?.requestBody?.content).toHaveProperty(['application/jose']);
  expect((await app.inject('/docs/')).statusCode).toBe(200);
  expect((await app.inject('/metrics')).body).toContain('http_request_seconds');
});
