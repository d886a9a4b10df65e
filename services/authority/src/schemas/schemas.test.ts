import { createMetrics } from '@causeway/service/metrics';
import { publicApp } from '@causeway/service/public-app';
import type { App } from '@causeway/service/app';
import { listen } from '@causeway/service/run-service';
import { handClock, memoryLog, systemRandom } from '@causeway/service/shell.fixture';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schemaRoutes } from './route.ts';

const publicUrl = 'https://authority.example';
let app: App;
let url: string;

beforeAll(async () => {
  const { log } = memoryLog();
  const base = { log, clock: handClock(), random: systemRandom, metrics: createMetrics() };
  app = await publicApp({ ...base, name: 'authority', title: 'test' });
  schemaRoutes(app, publicUrl);
  url = `http://127.0.0.1:${await listen(app, '127.0.0.1', 0)}`;
});

afterAll(() => app.close());

interface Listed {
  readonly name: string;
  readonly url: string;
}

const json = async (path: string): Promise<Record<string, unknown>> =>
  (await fetch(`${url}${path}`)).json() as Promise<Record<string, unknown>>;

describe('/schemas', () => {
  test('lists statements, kinds of record and code lists, to anybody', async () => {
    const index = await json('/schemas');
    expect(index).toMatchObject({ v: 1 });
    const types = (index['statements'] as { type: string }[]).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['consent', 'inquiry', 'grant', 'disclosure', 'report']));
    const names = (list: unknown) => (list as Listed[]).map(({ name }) => name);
    expect(names(index['records'])).toEqual(expect.arrayContaining(['record', 'account', 'person_profile']));
    expect(names(index['code_lists'])).toContain('pboc-account-states');
  });

  test('each listed document is served where it says that it is', async () => {
    const { records, code_lists } = await json('/schemas');
    for (const listed of [...(records as Listed[]), ...(code_lists as Listed[])]) {
      const path = new URL(listed.url).pathname;
      expect(await json(path)).toMatchObject({ $id: listed.url });
    }
  });

  test('a document can be kept, and is not sent again while it is the same', async () => {
    const first = await fetch(`${url}/schemas/account`);
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toMatch(/^application\/schema\+json/u);
    expect(first.headers.get('cache-control')).toMatch(/^public, max-age=/u);
    const etag = first.headers.get('etag') ?? '';
    const again = await fetch(`${url}/schemas/account`, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text()]).toEqual([304, '']);
    const other = await fetch(`${url}/schemas/score`, { headers: { 'if-none-match': etag } });
    expect(other.status).toBe(200);
  });

  test.each(['location', 'Account', '..%2Fpolicies', 'account.json', '__proto__', 'a'.repeat(65)])(
    'there is no %s',
    async (name) => {
      const answer = await fetch(`${url}/schemas/${name}`);
      expect(answer.status).toBe(name.length > 64 ? 400 : 404);
      expect(await answer.text()).not.toContain('$schema');
    },
  );

  test('the API description names both routes and demands no credential for them', async () => {
    const { paths } = (await json('/openapi.json')) as { paths: Record<string, { get: object }> };
    for (const path of ['/schemas', '/schemas/{name}'])
      expect(paths[path]?.get).not.toHaveProperty('security');
  });
});
