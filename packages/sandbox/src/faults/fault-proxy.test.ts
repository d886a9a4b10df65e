import { once } from 'node:events';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FaultProxy } from './fault-proxy.ts';

/** What one server behind the proxy has seen. */
interface Echo {
  readonly port: number;
  readonly server: Server;
  readonly sockets: Set<Socket>;
  text: string;
}

let echoes: Echo[];
let proxy: FaultProxy;
let clients: Socket[];

beforeEach(async () => {
  echoes = [await startEcho('a'), await startEcho('b')];
  proxy = await FaultProxy.listen({ targets: [echo(0).port], random: () => 0.5 });
  clients = [];
});
afterEach(() => {
  for (const client of clients) client.destroy();
  proxy.close();
  echoes.forEach(stopEcho);
});

const echo = (n: number): Echo => echoes[n] ?? echoes[0]!;

/** Answers every piece with its own name and the piece. */
async function startEcho(name: string, port = 0): Promise<Echo> {
  const server = createServer((socket) => {
    found.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => found.sockets.delete(socket));
    socket.on('data', (bytes) => {
      found.text += bytes.toString();
      socket.write(`${name}:${bytes.toString()}`);
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const found: Echo = { port: (server.address() as AddressInfo).port, server, sockets: new Set(), text: '' };
  return found;
}

function stopEcho({ server, sockets }: Echo): void {
  for (const socket of sockets) socket.destroy();
  server.close();
}

interface Client {
  readonly socket: Socket;
  text: string;
  ended: string;
}

async function open(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  const client: Client = { socket, text: '', ended: '' };
  clients.push(socket);
  socket.on('data', (text: string) => (client.text += text));
  socket.on('error', (error: NodeJS.ErrnoException) => (client.ended = error.code ?? ''));
  socket.on('end', () => (client.ended ||= 'end'));
  await once(socket, 'connect');
  return client;
}

async function asked(text: string): Promise<Client> {
  const client = await open();
  client.socket.write(text);
  await expect.poll(() => client.text).toContain(text);
  return client;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

test('bytes pass in both directions, and so does the end of a stream', async () => {
  const client = await asked('hello');
  expect(client.text).toBe('a:hello');
  client.socket.end();
  await expect.poll(() => client.ended).toBe('end');
  await expect.poll(() => [proxy.connections(), echo(0).sockets.size]).toEqual([0, 0]);
});

test('a large body passes whole, however slow its reader is', async () => {
  const client = await open();
  client.socket.pause();
  const body = 'x'.repeat(5_000_000);
  client.socket.write(body);
  await pause(200);
  client.socket.resume();
  await expect.poll(() => client.text.replaceAll('a:', '').length, { timeout: 10_000 }).toBe(body.length);
});

test('connections spread over the targets, and go past one that refuses', async () => {
  proxy.close();
  proxy = await FaultProxy.listen({ targets: echoes.map(({ port }) => port) });
  const first = [(await asked('1')).text, (await asked('2')).text].toSorted();
  expect(first).toEqual(['a:2', 'b:1']);
  stopEcho(echo(0));
  expect([(await asked('3')).text, (await asked('4')).text]).toEqual(['b:3', 'b:4']);
  const again = await startEcho('c', echo(0).port);
  echoes[0] = again;
  // Three are at the other.
  const next = [await asked('5'), await asked('6'), await asked('7')];
  expect(next.map(({ text }) => text)).toEqual(['c:5', 'c:6', 'c:7']);
  expect(proxy.cut(again.port)).toBe(3);
  await expect.poll(() => proxy.connections()).toBe(3);
});

test('where every target refuses, so does the proxy: the client sees a reset', async () => {
  stopEcho(echo(0));
  const client = await open();
  await expect.poll(() => client.ended).toBe('ECONNRESET');
});

test('latency and jitter hold each piece up, in its order, both ways', async () => {
  const client = await asked('warm');
  proxy.set({ latencyMs: 100, jitterMs: 100 });
  const started = performance.now();
  client.socket.write('one ');
  await pause(20);
  client.socket.write('two');
  await expect.poll(() => client.text).toContain('two');
  // Half of the jitter, twice: 300 ms.
  expect(performance.now() - started).toBeGreaterThan(290);
  expect(client.text.replaceAll('a:', '')).toBe('warmone two');
  proxy.set();
  const quick = performance.now();
  client.socket.write('three');
  await expect.poll(() => client.text, { interval: 5 }).toContain('three');
  expect(performance.now() - quick).toBeLessThan(100);
});

test('cut: both ends see a reset, and the next connection is good', async () => {
  const client = await asked('hello');
  expect(proxy.cut()).toBe(1);
  await expect.poll(() => [client.ended, echo(0).sockets.size]).toEqual(['ECONNRESET', 0]);
  expect((await asked('again')).text).toBe('a:again');
});

test('refuse: new connections are refused, open ones stay; accept takes them again', async () => {
  const client = await asked('hello');
  proxy.refuse();
  await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  client.socket.write(' still');
  await expect.poll(() => client.text).toContain('still');
  await proxy.accept();
  expect((await asked('again')).text).toBe('a:again');
});

test('black hole: nothing passes and nobody is told, until the bytes that waited do', async () => {
  const before = await asked('hello');
  proxy.set({ blackHole: true });
  before.socket.write(' into the hole');
  const within = await open();
  within.socket.write('nobody');
  await pause(200);
  expect([echo(0).text, before.text, before.ended, within.text, within.ended]).toEqual([
    'hello',
    'a:hello',
    '',
    '',
    '',
  ]);
  proxy.set();
  await expect.poll(() => [before.text, within.text]).toEqual(['a:helloa: into the hole', 'a:nobody']);
});

test('half open: the server has lost the connection and the client does not know', async () => {
  const client = await asked('hello');
  expect(proxy.halfOpen()).toBe(1);
  await expect.poll(() => echo(0).sockets.size).toBe(0);
  client.socket.write(' anybody there');
  await pause(200);
  expect([echo(0).text, client.text, client.ended]).toEqual(['hello', 'a:hello', '']);
  expect((await asked('again')).text).toBe('a:again');
});

test('trickle: so many bytes in a second and no more', async () => {
  const client = await open();
  proxy.set({ bytesPerSecond: 1000 });
  const started = performance.now();
  client.socket.write('x'.repeat(300));
  await expect.poll(() => echo(0).text.length, { interval: 5 }).toBe(300);
  const ms = performance.now() - started;
  expect(ms).toBeGreaterThan(250);
  expect(ms).toBeLessThan(1000);
});

test('cut after so many bytes: they pass, no more, and both ends are told', async () => {
  const client = await open();
  proxy.set({ cutAfterBytes: 10 });
  client.socket.write('12345');
  await expect.poll(() => client.text).toBe('a:12345');
  client.socket.write('6789012345');
  await expect.poll(() => client.ended).toBe('ECONNRESET');
  await expect.poll(() => [echo(0).text, echo(0).sockets.size, proxy.cuts]).toEqual(['1234567890', 0, 1]);
});
