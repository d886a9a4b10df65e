import { createHash } from 'node:crypto';
import { sha256Digest } from '@causeway/protocol';
import { testDatabase } from '@causeway/sandbox/test-database';
import type { TestDatabase } from '@causeway/sandbox/test-database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { storeMapping } from '../publishing/mappings.ts';
import { resident } from '../publishing/test-residents.ts';
import { cookieOf, createConsole, publicUrl, uploadBytesMax } from '../staff/test-console.ts';
import type { Jar } from '../staff/test-console.ts';

const mapping = {
  ...{ v: 1, name: 'people', bureau: 'central', format: 'csv', encoding: 'gbk', header: true },
  subject: { scheme: 'gb11643', id: { column: 'id' } },
  records: [
    {
      record: 'profile',
      fields: {
        kind: { const: 'person' },
        source_record_id: { column: '号', as: 'text' },
        sex: { column: 'sex', as: 'code', map: { 女: 'female', 男: 'male' } },
      },
    },
  ],
  as_of: { const: '2026-10-31' },
};

/** GBK, as the mapping says. */
const csv = Buffer.concat([
  Buffer.from('id,'),
  Buffer.from([0xba, 0xc5]),
  Buffer.from(',sex\n'),
  ...[1, 2, 3].map((n) =>
    Buffer.concat([
      Buffer.from(`${resident(n)},${n},`),
      n === 1 ? Buffer.from([0xc5, 0xae]) : Buffer.from('X'),
      Buffer.from('\n'),
    ]),
  ),
]);

let database: TestDatabase;
let desk: Awaited<ReturnType<typeof createConsole>>;
let digest: string;
const jars = new Map<string, Jar>();
/** Of those who have signed in: emptying the tables must not sign them out. */
let sessions: unknown[];

beforeAll(async () => {
  database = await testDatabase({ migrations: 'bureau' });
  desk = await createConsole(database);
  for (const role of ['publisher', 'second_publisher', 'auditor'])
    jars.set(role, (await desk.signIn(`central.${role}`)).set);
  const { rows } = await desk.bureau.pool.query<{ session: unknown }>(
    'SELECT to_jsonb(staff_session) AS session FROM staff_session',
  );
  sessions = rows.map(({ session }) => session);
});
/** As before the first test; what is refused writes nothing, so that a topic needs this once. */
async function empty(): Promise<void> {
  await desk.world.reset();
  const back = 'INSERT INTO staff_session SELECT * FROM jsonb_populate_recordset(NULL::staff_session, $1)';
  await desk.bureau.pool.query(back, [JSON.stringify(sessions)]);
  digest = await storeMapping(desk.bureau, mapping);
}
afterAll(async () => {
  await desk.close();
  await database.drop();
});

const signedIn = (as: string) => ({ cookie: cookieOf(jars.get(as) ?? new Map()) });
const digestHeader = (bytes: Buffer): string =>
  `sha-256=:${createHash('sha256').update(bytes).digest('base64')}:`;

async function post(
  path: string,
  payload: Buffer | object,
  { as = 'publisher', headers = {} }: { as?: string; headers?: Record<string, string> } = {},
) {
  const file = Buffer.isBuffer(payload)
    ? { 'content-type': 'text/csv', 'content-digest': digestHeader(payload) }
    : {};
  const cookie = cookieOf(jars.get(as) ?? new Map());
  const answer = await desk.app.inject({
    ...{ method: 'POST', url: `/v1/console/${path}`, payload },
    headers: { origin: publicUrl, cookie, ...file, ...headers },
  });
  return { status: answer.statusCode, text: answer.body, body: answer.json<Record<string, unknown>>() };
}
const look = async (batch: string, under = digest) => {
  const url = `/v1/console/${at(batch, under)}`;
  const answer = await desk.app.inject({
    url,
    headers: { cookie: cookieOf(jars.get('auditor') ?? new Map()) },
  });
  return answer.json<Record<string, unknown>>();
};
const at = (batch: string, under = digest): string =>
  `batches/${encodeURIComponent(batch)}/${encodeURIComponent(under)}`;
const published = async (bytes = csv) =>
  (await post(`batches?mapping=${digest}`, bytes)).body as unknown as Shown;
interface Shown {
  readonly batch: string;
  readonly mapping: string;
  readonly statement: string;
}

/** Everything that publishing or signing writes. */
async function written(): Promise<number> {
  const tables = [
    'batch',
    'batch_upload',
    'batch_sign_off',
    'record',
    'rejection',
    'mapping',
    'leaf_staging',
  ] as const;
  let rows = 0;
  for (const table of tables) rows += await desk.world.count(table);
  return rows;
}
const mended = [2, 3].map((n) => ({ line: n + 1, cells: [resident(n), String(n), '男'] }));

describe('a check', () => {
  beforeAll(empty);

  it('tells what publishing would come to, gives back what it would reject, and keeps nothing', async () => {
    const before = await written();
    const { body, status, text } = await post(`checks?mapping=${digest}`, csv);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ lines: 3, accepted: 1, rejected: 2, columns: ['id', '号', 'sex'] },
      rules: [{ rule: 'code', lines: 2, severity: 'rejected', what: { zh: expect.any(String) as string } }],
      rejections: [
        { line: 3, rule: 'code', pointer: '/records/0/fields/sex', cells: [resident(2), '2', 'X'] },
        { line: 4, original: `${resident(3)},3,X` },
      ],
    });
    expect(JSON.stringify(body['preview'])).not.toContain(resident(2));
    expect(text).not.toContain(resident(1));
    expect(await written()).toBe(before);
  });

  it.each([
    ['without such a mapping', async () => await post(`checks?mapping=${sha256Digest('none')}`, csv), 404],
    [
      'of a file without its columns',
      async () => await post(`checks?mapping=${digest}`, Buffer.from('a\n1\n')),
      400,
    ],
    ['of a file that is cut', async () => await post(`checks?mapping=${digest}`, csv.subarray(0, -3)), 400],
  ])('%s is refused', async (_, ask, status) => {
    const before = await written();
    expect((await ask()).status).toBe(status);
    expect(await written()).toBe(before);
  });
});

describe('a mapping', () => {
  beforeAll(empty);

  it('is stored once, as its digest says', async () => {
    const before = await written();
    const { body, status } = await post('mappings', mapping);
    expect([status, body]).toEqual([201, { mapping: digest }]);
    expect(await written()).toBe(before);
  });

  it.each<[string, number, object, string]>([
    ['of another bureau', 400, { ...mapping, bureau: 'lotus' }, 'publisher'],
    ['with a member that nobody knows', 400, { ...mapping, more: 1 }, 'publisher'],
    ['by somebody without the role', 403, { ...mapping, name: 'other' }, 'auditor'],
  ])('%s is refused', async (_, status, payload, as) => {
    const before = await written();
    expect((await post('mappings', payload, { as })).status).toBe(status);
    expect(await written()).toBe(before);
  });
});

describe('an upload', () => {
  beforeAll(empty);

  it('is one batch however often it comes, and says who brought it', async () => {
    const first = await post(`batches?mapping=${digest}`, csv);
    expect([first.status, first.body['rejected'], first.body['accepted']]).toEqual([200, 2, 1]);
    const before = await written();
    expect((await post(`batches?mapping=${digest}`, csv)).status).toBe(200);
    expect(await written()).toBe(before);
    const { batch } = first.body as unknown as Shown;
    expect(await look(batch)).toMatchObject({
      uploads: [{ person: 'staff:central.publisher', name: '陈报' }],
      ...{ corrected_by: [], typed: true },
    });
    await post(`batches?mapping=${digest}`, csv, { as: 'second_publisher' });
    expect((await look(batch))['uploads']).toHaveLength(2);
  });

  const large = Buffer.concat([csv, Buffer.alloc(uploadBytesMax, 'a'), Buffer.from('\n')]);
  const refusals: [string, number, Buffer, { as?: string; headers?: Record<string, string> }][] = [
    ['that is too large', 413, large, {}],
    ['of another type', 415, csv, { headers: { 'content-type': 'text/html' } }],
    ['with the digest of another file', 400, csv, { headers: { 'content-digest': digestHeader(large) } }],
    ['without a digest', 400, csv, { headers: { 'content-digest': '' } }],
    ['of a file that is cut', 400, csv.subarray(0, -3), {}],
    ['by somebody without the role', 403, csv, { as: 'auditor' }],
    ['by nobody', 401, csv, { as: 'nobody' }],
    ['from a page of another site', 401, csv, { headers: { origin: 'https://evil.example' } }],
  ];
  it.each(refusals)('%s is refused, and nothing is written', async (_, status, bytes, more) => {
    const before = await written();
    expect((await post(`batches?mapping=${digest}`, bytes, more)).status).toBe(status);
    expect((await post(`batches?mapping=${sha256Digest('none')}`, csv)).status).toBe(404);
    expect((await post(`batches?mapping=${digest}&more=1`, csv)).status).toBe(400);
    expect(await written()).toBe(before);
  });
});

describe('mended lines', () => {
  beforeAll(empty);

  it('are a batch of their own that names the first', async () => {
    const first = await published();
    const { body, status } = await post(`${at(first.batch)}/corrections`, { rows: mended });
    expect([status, body]).toMatchObject([
      200,
      { corrected: { accepted: 2, rejected: 0, corrects: { batch: first.batch, mapping: digest } } },
    ]);
    const { corrected } = body as unknown as { corrected: Shown };
    expect(await look(first.batch)).toMatchObject({
      corrected_by: [{ batch: corrected.batch, mapping: corrected.mapping }],
    });
    expect(await desk.world.count('record')).toBe(3);
    const before = await written();
    expect((await post(`${at(first.batch)}/corrections`, { rows: mended })).body).toMatchObject({
      corrected: { batch: corrected.batch },
    });
    expect(await written()).toBe(before);
  });

  it('that are still wrong are told with the rule, and none of them is taken', async () => {
    const first = await published();
    const before = await written();
    const rows = [mended[0], { line: 4, cells: [resident(3), '3', 'Y'] }];
    const { body, status } = await post(`${at(first.batch)}/corrections`, { rows });
    expect([status, body]).toMatchObject([200, { rejections: [{ line: 4, rule: 'code', column: 'sex' }] }]);
    expect(await written()).toBe(before);
  });

  it('of a snapshot make nothing else disappear', async () => {
    const whole = await storeMapping(desk.bureau, { ...mapping, mode: 'snapshot' });
    const first = (await post(`batches?mapping=${whole}`, csv)).body as unknown as Shown;
    const gone = await desk.world.count('disappeared');
    const { body } = await post(`${at(first.batch, whole)}/corrections`, { rows: mended });
    expect((body as unknown as { corrected: Shown }).corrected.mapping).not.toBe(whole);
    expect(await desk.world.count('disappeared')).toBe(gone);
  });

  it.each<[string, number, object]>([
    ['of a line that was taken', 400, { rows: [{ line: 2, cells: [resident(1), '1', '女'] }] }],
    ['of a line that is not there', 400, { rows: [{ line: 99, cells: ['', '', ''] }] }],
    ['of a line that comes twice', 400, { rows: [mended[0], mended[0]] }],
    ['with a column too many', 400, { rows: [{ line: 3, cells: ['', '', '', ''] }] }],
    ['with a line end', 400, { rows: [{ line: 3, cells: [resident(2), '2\n2', '男'] }] }],
    ['with a character that GBK has not', 400, { rows: [{ line: 3, cells: [resident(2), '𠮷', '男'] }] }],
    ['with a member that nobody knows', 400, { rows: [{ ...mended[0], rule: 'none' }] }],
    ['that are none', 400, { rows: [] }],
    [
      'that are too many',
      400,
      { rows: Array.from({ length: 51 }, (_, n) => ({ ...mended[0], line: n + 1 })) },
    ],
  ])('%s are refused', async (_, status, payload) => {
    const first = await published();
    const before = await written();
    expect((await post(`${at(first.batch)}/corrections`, payload)).status).toBe(status);
    expect(await written()).toBe(before);
  });

  it('of a batch that is not there, or without the role, are refused', async () => {
    const first = await published();
    const before = await written();
    const nowhere = `${at(sha256Digest('none'))}/corrections`;
    expect((await post(nowhere, { rows: mended })).status).toBe(404);
    expect((await post(`${at(first.batch)}/corrections`, { rows: mended }, { as: 'auditor' })).status).toBe(
      403,
    );
    expect(await written()).toBe(before);
  });
});

describe('a sign-off', () => {
  beforeAll(empty);

  const seen = ({ statement }: Shown, change: object = {}) => ({
    ...{ name: '吴签', statement, lines: 3, accepted: 1, rejected: 2, warnings: 0, deleted: 0 },
    ...change,
  });
  const other = { as: 'second_publisher' };

  it('is somebody else’s, once, with the figures that they read, and leaves a trace', async () => {
    const first = await published();
    const traces = await desk.world.count('staff_read');
    const { body, status } = await post(`${at(first.batch)}/sign-off`, seen(first), other);
    expect([status, body]).toMatchObject([
      200,
      {
        sign_off: {
          ...{ person: 'staff:central.second_publisher', name: '吴签', statement: first.statement },
          ...{ bytes: csv.length, lines: 3, accepted: 1, rejected: 2 },
        },
      },
    ]);
    expect(await desk.world.count('staff_read')).toBe(traces + 1);
    const listed = await desk.app.inject({ url: '/v1/console/batches', headers: signedIn('auditor') });
    expect(listed.json<{ items: object[] }>().items).toMatchObject([{ signed_off: true, rejected: 2 }]);
    const before = await written();
    expect((await post(`${at(first.batch)}/sign-off`, seen(first), other)).status).toBe(409);
    expect(await written()).toBe(before);
  });

  it.each<[string, number, object, { as: string }]>([
    ['by whoever brought the file', 403, { name: '陈报' }, { as: 'publisher' }],
    ['by somebody without the role', 403, { name: '沈审' }, { as: 'auditor' }],
    ['under another name', 400, { name: '陈报' }, other],
    ['of other figures', 409, { accepted: 3 }, other],
    ['of another statement', 409, { statement: sha256Digest('none') }, other],
    ['with a member that nobody knows', 400, { note: 'fine' }, other],
    ['with a number below zero', 400, { rejected: -1 }, other],
  ])('%s is refused, and nothing is signed', async (_, status, change, as) => {
    const first = await published();
    const before = await written();
    expect((await post(`${at(first.batch)}/sign-off`, seen(first, change), as)).status).toBe(status);
    expect((await post(`${at(sha256Digest('none'))}/sign-off`, seen(first), other)).status).toBe(404);
    expect(await written()).toBe(before);
  });

  it('waits for the end of the batch', async () => {
    const first = await published();
    const before = await written();
    await desk.bureau.db.updateTable('batch').set({ state: 'running' }).execute();
    expect((await post(`${at(first.batch)}/sign-off`, seen(first), other)).status).toBe(409);
    expect((await post(`${at(first.batch)}/corrections`, { rows: mended })).status).toBe(409);
    expect(await written()).toBe(before);
  });
});
