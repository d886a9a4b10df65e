import { createServer, type AddressInfo } from 'node:net';
import { connect } from 'node:tls';

import { systemClock } from '@causeway/kernel/system';
import type { MemberEntry } from '@causeway/protocol';
import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import type { App } from './app.ts';
import { fixedTls, newAuthority, thumbprint, uri } from './certificates.fixture.ts';
import { createFederationClient } from './federation-client.ts';
import type { FederationClient } from './federation-client.ts';
import { federationApp } from './federation-app.ts';
import { quietLog, systemRandom } from './shell.fixture.ts';
import type { TlsFiles } from './node-keys.ts';
import { listen } from './run-service.ts';

const authority = newAuthority();
const server = authority.issue({ uris: [uri('lotus')] });
const broker = authority.issue({ uris: [uri('broker')] });
const harbour = authority.issue({ uris: [uri('harbour')] });

const members = new Map<string, MemberEntry>();
const clients: FederationClient[] = [];
let app: App;
let port: number;
let served = 0;

function enrol(id: string, tls: TlsFiles | undefined, more: Partial<MemberEntry> = {}): void {
  members.set(id, {
    v: 1,
    id,
    legal_name: id,
    roles: ['bureau'],
    class: 'A',
    jurisdiction: 'CN',
    status: 'active',
    keys: [],
    endpoints: { federation: `https://localhost:${port}` },
    certificates: tls === undefined ? [] : [thumbprint(tls)],
    ...more,
  });
}

beforeAll(async () => {
  app = federationApp({
    log: quietLog,
    clock: systemClock,
    random: systemRandom,
    tls: fixedTls(server),
    fed: 'sandbox',
    members: () => ({ member: (id) => members.get(id) }),
  });
  app.get('/who', async (request) => {
    served += 1;
    return { peer: request.peer };
  });
  app.get('/big', async () => ({ peer: 'x'.repeat(10_000) }));
  app.get('/slow', async () => await new Promise(() => undefined));
  app.get('/refuses', async () => {
    throw new CausewayError('subject_frozen', { internal: 'secret' });
  });
  app.get('/breaks', async () => {
    throw new Error('x');
  });
  app.get('/odd', async () => ({ peer: 'lotus', more: 1 }));
  port = await listen(app, '127.0.0.1', 0);
});
afterAll(async () => await app.close());
afterEach(async () => {
  await Promise.all(clients.splice(0).map(async (client) => client.close()));
});

const Who = Type.Object({ peer: Type.String() }, { additionalProperties: false });

function clientOf(tls: TlsFiles): FederationClient {
  enrol('lotus', server);
  const directory = () => ({ member: (id: string) => members.get(id) });
  const client = createFederationClient({
    fed: 'sandbox',
    tls: fixedTls(tls),
    members: directory,
    clock: systemClock,
  });
  clients.push(client);
  return client;
}

const get = async (client: FederationClient, path = '/who', member = 'lotus', more: object = {}) =>
  client.call({ member, method: 'GET', path, schema: Who, timeoutMs: 3000, ...more });

/** The code a call ends in, and its kind where the peer was not reached or made no sense. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    if (!(error instanceof CausewayError)) throw error;
    const kind: unknown = Reflect.get(error, 'kind');
    return typeof kind === 'string' ? `${error.code}:${kind}` : error.code;
  }
}

describe('the listener knows its peer', () => {
  test('by the certificate that the directory lists for it', async () => {
    enrol('broker', broker);
    expect(await get(clientOf(broker))).toEqual({ peer: 'broker' });
  });

  test('nobody without a certificate, and nobody below TLS 1.3, completes a handshake', async () => {
    const attempt = async (options: object): Promise<string> => {
      const { promise, resolve } = Promise.withResolvers<string>();
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
      socket.on('close', () => resolve('closed'));
      socket.write('GET /who HTTP/1.1\r\nhost: a\r\n\r\n');
      return await promise;
    };
    expect(await attempt({})).toMatch(/ERR_SSL|ECONNRESET|closed/u);
    expect(await attempt({ key: broker.key, cert: broker.cert, maxVersion: 'TLSv1.2' })).toMatch(
      /ERR_SSL|ECONN|EPROTO/u,
    );
    const foreign = newAuthority().issue({ uris: [uri('broker')] });
    expect(await attempt({ key: foreign.key, cert: foreign.cert })).toMatch(/ERR_SSL|ECONNRESET|closed/u);
    expect(served).toBe(1);
  });

  test.each([
    ['of another federation', { uris: [uri('broker', 'other')] }],
    ['of two members', { uris: [uri('broker'), uri('harbour')] }],
    ['of no member', { uris: ['https://broker.example'] }],
    ['with a member hidden in another name', { uris: [`https://x.example/, URI:${uri('broker')}`] }],
  ])('S28 a certificate %s is nobody', async (_what, options) => {
    const odd = authority.issue(options);
    enrol('broker', odd);
    expect(await outcome(get(clientOf(odd)))).toBe('member_unknown');
  });

  test('S28 a certificate that may only serve does not call', async () => {
    const tls = authority.issue({ uris: [uri('broker')], usage: 'server' });
    enrol('broker', tls);
    expect(await outcome(get(clientOf(tls)))).toBe('unavailable:unreachable');
  });

  test('a good certificate that the directory does not list is nobody', async () => {
    enrol('broker', harbour);
    expect(await outcome(get(clientOf(broker)))).toBe('member_unknown');
    members.delete('broker');
    expect(await outcome(get(clientOf(broker)))).toBe('member_unknown');
  });

  test('S29 S31 on an open connection the next request after suspension or removal is refused', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    expect(await outcome(get(client))).toBe('answered');
    enrol('broker', broker, { status: 'suspended' });
    const before = served;
    expect(await outcome(get(client))).toBe('member_suspended');
    enrol('broker', undefined);
    expect(await outcome(get(client))).toBe('member_unknown');
    expect(served).toBe(before);
    enrol('broker', broker);
    expect(await outcome(get(client))).toBe('answered');
  });

  test('S21 headers that proxies use for certificates mean nothing', async () => {
    enrol('broker', broker);
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      key: broker.key,
      cert: broker.cert,
    });
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.on('data', (chunk: Buffer) => resolve(chunk.toString()));
    const forged =
      'client-cert: x\r\nx-ssl-client-s-dn: CN=harbour\r\n' +
      'x-forwarded-client-cert: URI=urn:causeway:sandbox:harbour';
    socket.write(`GET /who HTTP/1.1\r\nhost: a\r\n${forged}\r\nconnection: close\r\n\r\n`);
    expect(await promise).toContain('"peer":"broker"');
    socket.destroy();
  });

  test('an unknown path tells a stranger no more than a known one', async () => {
    enrol('broker', harbour);
    expect(await outcome(get(clientOf(broker), '/nowhere'))).toBe('member_unknown');
  });
});

describe('the client knows its server', () => {
  test('another member’s certificate at the address is not the member', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    enrol('harbour', harbour);
    const before = served;
    expect(await outcome(get(client, '/who', 'harbour'))).toBe('unavailable:unreachable');
    expect(served).toBe(before);
  });

  test('a certificate that the directory does not list is not the member', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    enrol('lotus', harbour);
    expect(await outcome(get(client))).toBe('unavailable:unreachable');
  });

  test('connections made before its certificate was replaced are not used after', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    expect(await outcome(get(client))).toBe('answered');
    enrol('lotus', harbour);
    expect(await outcome(get(client))).toBe('unavailable:unreachable');
  });

  test('a suspended, unknown or unreachable member is not called', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    enrol('lotus', server, { status: 'suspended' });
    expect(await outcome(get(client))).toBe('member_suspended');
    expect(await outcome(get(client, '/who', 'nobody'))).toBe('member_unknown');
    enrol('lotus', server, { endpoints: { federation: 'https://127.0.0.1:1' } });
    expect(await outcome(get(client))).toBe('unavailable:unreachable');
  });

  test('a member that takes connections and never speaks holds a call no longer than its time', async () => {
    const silent = createServer(() => undefined);
    const silentPort = await new Promise<number>((resolve) => {
      silent.listen(0, '127.0.0.1', () => resolve((silent.address() as AddressInfo).port));
    });
    enrol('broker', broker);
    const client = clientOf(broker);
    enrol('lotus', server, { endpoints: { federation: `https://127.0.0.1:${silentPort}` } });
    const start = performance.now();
    expect(await outcome(get(client, '/who', 'lotus', { timeoutMs: 300 }))).toBe('unavailable:timeout');
    const signal = AbortSignal.abort();
    expect(await outcome(get(client, '/who', 'lotus', { signal }))).toBe('unavailable:unreachable');
    // A connection is given up after five seconds.
    expect(performance.now() - start).toBeLessThan(3000);
    await client.close();
    silent.close();
  });

  test('a refusal keeps its code; a fault, an odd answer, a slow and a large one do not pass', async () => {
    enrol('broker', broker);
    const client = clientOf(broker);
    expect(await outcome(get(client, '/refuses'))).toBe('subject_frozen');
    expect(await outcome(get(client, '/breaks'))).toBe('unavailable:answer');
    expect(await outcome(get(client, '/odd'))).toBe('unavailable:answer');
    expect(await outcome(get(client, '/slow', 'lotus', { timeoutMs: 200 }))).toBe('unavailable:timeout');
    expect(await outcome(get(client, '/big', 'lotus', { maxBytes: 5000 }))).toBe('unavailable:answer');
    expect(await outcome(get(client, '/big', 'lotus', { maxBytes: 50_000 }))).toBe('answered');
  });
});
