import { type RequestListener, type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { Refused, send } from './http.ts';

let server: Server | undefined;
afterEach(() => new Promise((resolve) => (server ? server.close(resolve) : resolve(undefined))));

/** The address of a service that answers like this. */
async function serving(answer: RequestListener): Promise<string> {
  const started = createServer(answer);
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(started.address() as AddressInfo).port}/`;
}

const problem = { status: 403, code: 'not_authorised', detail: 'Ask for consent.', refusal: 'a.b.c' };

describe('a service that does not answer is unavailable', () => {
  test.each<[string, RequestListener]>([
    ['hangs up at once', (_request, response) => response.destroy()],
    ['breaks off in the middle of its headers', (request) => request.socket.end('HTTP/1.1 200 OK\r\ncont')],
    ['breaks off in the middle of its answer', (_request, response) => cutOff(response, 200)],
    ['breaks off in the middle of a refusal', (_request, response) => cutOff(response, 403)],
    ['sends what is no text', (_request, response) => response.end(Buffer.from([0xff, 0xfe, 0x00]))],
    ['redirects', (_request, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['fails without saying how', (_request, response) => response.writeHead(502).end('<html>')],
  ])('because it %s', async (_what, answer) => {
    const url = await serving(answer);
    await expect(send({ method: 'GET', url })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('because it takes too long over its answer', async () => {
    const url = await serving((_request, response) => {
      response.writeHead(200).write('{');
    });
    await expect(send({ method: 'GET', url, timeoutMs: 200 })).rejects.toMatchObject({ code: 'unavailable' });
    server?.closeAllConnections();
  });

  test('because nobody listens', async () => {
    const request = { method: 'GET', url: 'http://127.0.0.1:9/' } as const;
    await expect(send(request)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('a refusal keeps its code, its public text and its signed refusal', async () => {
  const url = await serving((_request, response) => {
    response.writeHead(403, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
  });
  const refused: unknown = await send({ method: 'GET', url }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(Refused);
  expect(refused).toMatchObject({ code: 'not_authorised', publicDetail: problem.detail, statement: 'a.b.c' });
});

/** More is announced than comes. */
function cutOff(response: Parameters<RequestListener>[1], status: number): void {
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"state":"comp', () => response.destroy());
}
