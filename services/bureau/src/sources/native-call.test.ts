import { once } from 'node:events';
import { createServer as createTlsServer } from 'node:https';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { newAuthority } from '@causeway/service/certificates.fixture';
import { describe, expect, it, onTestFinished } from 'vitest';

import { nativeCall, replyBytesMax, type NativeCall } from './native-call.ts';
import { SourceFault } from './source-fault.ts';

const head = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;

/** A server that speaks no protocol by itself: it does to each connection what it is told. */
async function peer(onRequest: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    socket.once('data', () => onRequest(socket));
  });
  const seen = { connections: 0 };
  server.on('connection', () => (seen.connections += 1));
  const url = await listening(server, sockets);
  return { url, seen, sockets };
}

async function listening(server: Server, sockets: Iterable<{ destroy(): unknown }>): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function call(url: string, parts: Partial<NativeCall> = {}) {
  return nativeCall({ url, method: 'POST', body: Buffer.from('{}'), timeoutMs: 5_000, ...parts });
}

async function faultClassOf(answer: Promise<unknown>): Promise<string> {
  const outcome = await answer.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof SourceFault) return outcome.faultClass;
  throw new Error('no fault of a source', { cause: outcome });
}

/** Writes the same bytes again and again, as fast as they are taken, up to `times`. */
function flood(socket: Socket, bytes: Buffer, times: number, sent: { bytes: number }): void {
  const more = (): void => {
    while (sent.bytes < bytes.length * times && !socket.destroyed) {
      sent.bytes += bytes.length;
      if (!socket.write(bytes)) return void socket.once('drain', more);
    }
    socket.end();
  };
  more();
}

/** Writes a text a byte at a time, and then its last byte for ever. */
function drip(socket: Socket, text: string): void {
  let at = 0;
  const timer = setInterval(() => {
    socket.write(text[Math.min(at, text.length - 1)] ?? '');
    at += 1;
  }, 5);
  socket.on('close', () => clearInterval(timer));
}

describe('a whole answer', () => {
  it('comes with its status, headers and body, and the connection is not kept', async () => {
    const { seen, sockets, url } = await peer((socket) => {
      socket.write(`${head('Content-Length: 2\r\nConnection: keep-alive\r\nX-A: b')}ok`);
    });
    for (const connections of [1, 2]) {
      const reply = await call(url);
      expect(reply).toMatchObject({ status: 200, headers: { 'x-a': 'b' } });
      expect(reply.body.toString()).toBe('ok');
      expect(seen.connections).toBe(connections);
    }
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('in chunks is put together', async () => {
    const body = '1\r\na\r\n2\r\nbc\r\n0\r\n\r\n';
    const { url } = await peer((socket) => socket.write(head('Transfer-Encoding: chunked') + body));
    expect((await call(url)).body.toString()).toBe('abc');
  });

  it('a redirect is an answer, and nobody follows it', async () => {
    const elsewhere = await peer((socket) => socket.end(head('Content-Length: 0')));
    const { url } = await peer((socket) => {
      socket.end(`HTTP/1.1 307 Gone there\r\nLocation: ${elsewhere.url}\r\nContent-Length: 0\r\n\r\n`);
    });
    expect((await call(url)).status).toBe(307);
    expect(elsewhere.seen.connections).toBe(0);
  });

  it('may be as long as the bound, and not a byte longer', async () => {
    let length = replyBytesMax;
    const { url } = await peer((socket) => {
      socket.end(head(`Content-Length: ${length}`) + ' '.repeat(length));
    });
    expect((await call(url)).body.length).toBe(replyBytesMax);
    length += 1;
    expect(await faultClassOf(call(url))).toBe('upstream_error');
  });
});

describe('an answer that does not come whole', () => {
  it('cut at any byte is none', async () => {
    const whole = `${head('Content-Length: 20\r\nX-A: b')}01234567890123456789`;
    let at = 0;
    const { url } = await peer((socket) => socket.end(whole.slice(0, at)));
    for (at = 0; at < whole.length; at += 1) {
      expect(await faultClassOf(call(url))).toBe('upstream_unavailable');
    }
    expect((await call(url)).body.length).toBe(20);
  });

  it('in chunks cut at any byte is none', async () => {
    const whole = `${head('Transfer-Encoding: chunked')}4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n`;
    let at = 0;
    const { url } = await peer((socket) => socket.end(whole.slice(0, at)));
    for (at = 0; at < whole.length; at += 1) {
      expect(await faultClassOf(call(url))).toBe('upstream_unavailable');
    }
    expect((await call(url)).body.toString()).toBe('abcdefg');
  });

  it('reset in the middle is none', async () => {
    const { url } = await peer((socket) => {
      socket.write(`${head('Content-Length: 20')}0123`, () => socket.resetAndDestroy());
    });
    expect(await faultClassOf(call(url))).toBe('upstream_unavailable');
  });

  it.each([
    ['head', 'HTTP/1.1 200 OK\r\nX-A: aaaa'],
    ['body', `${head('Content-Length: 100000')}a`],
    ['chunk', `${head('Transfer-Encoding: chunked')}fffff\r\na`],
  ])('dripping in its %s is given up in time', async (_where, text) => {
    const { sockets, url } = await peer((socket) => {
      socket.write(text.slice(0, -4));
      drip(socket, text.slice(-4));
    });
    const start = performance.now();
    expect(await faultClassOf(call(url, { timeoutMs: 200 }))).toBe('upstream_unavailable');
    expect(performance.now() - start).toBeLessThan(3_000);
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('never beginning is given up in time', async () => {
    const { url } = await peer(() => undefined);
    expect(await faultClassOf(call(url, { timeoutMs: 100 }))).toBe('upstream_unavailable');
  });

  it.each([
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['two lengths', head('Content-Length: 2\r\nContent-Length: 3') + 'abc'],
    ['a length and chunks', head('Content-Length: 2\r\nTransfer-Encoding: chunked') + '0\r\n\r\n'],
    ['a negative length', head('Content-Length: -1')],
    ['a chunk without a size', `${head('Transfer-Encoding: chunked')}zz\r\n`],
    ['heads of 100 kB', head(`X-A: ${'a'.repeat(100_000)}`)],
    ['another protocol by agreement', 'HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n'],
  ])('%s is no answer', async (_what, text) => {
    const { url } = await peer((socket) => socket.end(text));
    expect(await faultClassOf(call(url, { timeoutMs: 1_000 }))).toBe('upstream_unavailable');
  });
});

describe('an answer without end', () => {
  it.each([
    ['of a gigabyte', `Content-Length: ${2 ** 30}`, Buffer.alloc(65_536, ' ')],
    ['in chunks', 'Transfer-Encoding: chunked', Buffer.from(`10000\r\n${' '.repeat(65_536)}\r\n`)],
  ])('%s is left where it is', async (_what, lines, bytes) => {
    const sent = { bytes: 0 };
    const { sockets, url } = await peer((socket) => {
      socket.write(head(lines));
      flood(socket, bytes, 2 ** 30 / bytes.length, sent);
    });
    expect(await faultClassOf(call(url, { timeoutMs: 20_000 }))).toBe('upstream_error');
    expect(sent.bytes).toBeLessThan(2 ** 27);
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('in chunks of a byte is given up in time', async () => {
    const { sockets, url } = await peer((socket) => {
      socket.write(head('Transfer-Encoding: chunked'));
      flood(socket, Buffer.from('1\r\n \r\n'.repeat(10_000)), 2 ** 14, { bytes: 0 });
    });
    expect(await faultClassOf(call(url, { timeoutMs: 500 }))).toBe('upstream_unavailable');
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('in pieces of a byte is the same as in one', async () => {
    const body = 'ab'.repeat(20_000);
    const pieces = body.replaceAll(/./gu, (letter) => `1\r\n${letter}\r\n`);
    const { url } = await peer((socket) => {
      socket.write(`${head('Transfer-Encoding: chunked')}${pieces}0\r\n\r\n`);
    });
    expect((await call(url)).body.toString()).toBe(body);
  });

  it('of interim answers is given up in time, and none is kept', async () => {
    const sent = { bytes: 0 };
    const { url } = await peer((socket) => {
      flood(socket, Buffer.from('HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)), 2 ** 20, sent);
    });
    const before = process.memoryUsage().heapUsed;
    expect(await faultClassOf(call(url, { timeoutMs: 300 }))).toBe('upstream_unavailable');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(2 ** 28);
  });
});

describe('who waits, and for how long', () => {
  it('nobody any more: the connection ends with the wish', async () => {
    const asker = new AbortController();
    const { sockets, url } = await peer(() => asker.abort());
    expect(await faultClassOf(call(url, { signal: asker.signal }))).toBe('upstream_unavailable');
    await expect.poll(() => sockets.size).toBe(0);
  });

  it('nobody from the start: no connection is opened', async () => {
    const { seen, url } = await peer((socket) => socket.end());
    expect(await faultClassOf(call(url, { signal: AbortSignal.abort() }))).toBe('upstream_unavailable');
    expect(seen.connections).toBe(0);
  });

  it('nobody amid the answer: what came is thrown away', async () => {
    const asker = new AbortController();
    const { url } = await peer((socket) => {
      socket.write(`${head('Content-Length: 20')}0123`, () => asker.abort());
    });
    expect(await faultClassOf(call(url, { signal: asker.signal }))).toBe('upstream_unavailable');
  });

  it('a peer that is not there is not reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await faultClassOf(call(`http://127.0.0.1:${port}`))).toBe('upstream_unavailable');
  });
});

describe('TLS', () => {
  it('believes the one authority, under the one name, and nothing else', async () => {
    const [ours, theirs] = [newAuthority(), newAuthority()];
    const { ca, cert, key } = ours.issue({ uris: ['urn:test'] });
    const served: { destroy(): unknown }[] = [];
    const server = createTlsServer({ cert, key }, (_request, response) => response.end('ok'));
    server.on('connection', (socket) => served.push(socket));
    const url = (await listening(server, served)).replace('http:', 'https:');
    const named = { Host: 'node' };
    expect((await call(url, { tls: { ca }, headers: named })).body.toString()).toBe('ok');
    const other = theirs.issue({ uris: ['urn:test'] }).ca;
    for (const wrong of [{ tls: { ca: other }, headers: named }, { headers: named }, { tls: { ca } }]) {
      expect(await faultClassOf(call(url, wrong))).toBe('upstream_unavailable');
    }
  });

  it('is not spoken with a peer that speaks none', async () => {
    const { url } = await peer((socket) => socket.end(head('Content-Length: 0')));
    expect(await faultClassOf(call(url.replace('http:', 'https:')))).toBe('upstream_unavailable');
  });
});
