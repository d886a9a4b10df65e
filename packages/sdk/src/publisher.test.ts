import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type BatchResult, Publisher } from './publisher.ts';

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly digest: string;
  readonly body: Buffer;
}

let server: Server | undefined;

afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** A bureau that answers what the test says, and remembers what it was asked. */
async function bureau(answer: (asked: Asked, nth: number) => { status: number; body: object }) {
  const asked: Asked[] = [];
  const reply = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const one = { ...headOf(request), body: await bodyOf(request) };
    asked.push(one);
    const { status, body } = answer(one, asked.length);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
  server = createServer((request, response) => void reply(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const tokens = { headers: async () => ({}) };
  const bureauUrl = `http://127.0.0.1:${port}`;
  return { asked, publisher: new Publisher({ tokens, bureau: 'central', bureauUrl, pollMs: 1 }) };
}

const headOf = ({ method = '', url = '', headers }: IncomingMessage) => ({
  method,
  path: url,
  digest: String(headers['content-digest']),
});

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const mapping = `sha-256:${'A'.repeat(43)}` as const;
const content = Buffer.from('id,no\n1,2\n'.repeat(100_000));
const sha256 = createHash('sha256').update(content).digest();
const source = {
  sha256,
  bytes: content.length,
  open: async function* () {
    for (let at = 0; at < content.length; at += 65_536) yield content.subarray(at, at + 65_536);
  },
};
const notFound = { status: 404, body: { code: 'not_found' } };
const at = (offset: number, state: BatchResult['state'] = 'running') => ({
  status: state === 'complete' ? 200 : 202,
  body: {
    ...{ batch: `sha-256:${sha256.toString('base64url')}`, state, bytes: content.length, offset },
    ...{ lines: 1, accepted: 1, rejected: 0, subjects: 1 },
  },
});

test('a large file is sent as it is read, and followed to its end', async () => {
  const seen: number[] = [];
  const { asked, publisher } = await bureau(({ method }, nth) => {
    if (method === 'POST') return at(0);
    return nth === 1 ? notFound : at(nth * 10, nth > 5 ? 'complete' : 'running');
  });
  const result = await publisher.stream(mapping, 'text/csv', source, ({ offset }) => seen.push(offset));
  expect(result).toMatchObject({ state: 'complete', offset: 60 });
  expect(seen).toEqual([0, 30, 40, 50, 60]);
  const [sent, ...more] = asked.filter(({ method }) => method === 'POST');
  expect(more).toEqual([]);
  expect(sent?.body.equals(content)).toBe(true);
  expect(sent?.digest).toBe(`sha-256=:${sha256.toString('base64')}:`);
});

test('what an earlier attempt has left running is followed and not sent again', async () => {
  const { asked, publisher } = await bureau((_, nth) => at(nth, nth > 4 ? 'complete' : 'running'));
  expect(await publisher.stream(mapping, 'text/csv', source)).toMatchObject({ state: 'complete' });
  expect(asked.map(({ method }) => method)).not.toContain('POST');
});

test('what stands still is sent again, and refused as unavailable where that does not help', async () => {
  const { asked, publisher } = await bureau(() => at(7));
  await expect(publisher.stream(mapping, 'text/csv', source)).rejects.toMatchObject({ code: 'unavailable' });
  expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('a refusal of the bureau is its own', async () => {
  const { publisher } = await bureau(({ method }) =>
    method === 'POST' ? { status: 400, body: { code: 'totals_mismatch', detail: 'No.' } } : notFound,
  );
  const promise = publisher.stream(mapping, 'text/csv', source);
  await expect(promise).rejects.toMatchObject({ code: 'totals_mismatch' });
});

test('rejected lines are asked for page by page and found in the file', async () => {
  const rejection = (line: number) => ({
    line,
    column: null,
    rule: 'code',
    pointer: '/x',
    message: 'It is.',
  });
  const { asked, publisher } = await bureau(({ path }) => ({
    status: 200,
    body: path.includes('after=0') ? { items: [rejection(1)], next: 1 } : { items: [rejection(3)] },
  }));
  const jsonl = {
    format: 'jsonl',
    encoding: 'utf-8',
    subject: { id: { column: 'id' } },
    records: [],
    as_of: { const: '2026' },
  };
  const file = (async function* () {
    yield Buffer.from('{"a":1}\n{"a":2}\n{"a":3}\n');
  })();
  const lines = publisher.rejectedLines(
    at(0).body as unknown as BatchResult,
    { digest: mapping, content: jsonl as never },
    file,
  );
  const originals: unknown[] = [];
  for await (const line of lines) originals.push(line.original);
  expect(originals).toEqual(['{"a":1}', '{"a":3}']);
  expect(asked).toHaveLength(2);
});
