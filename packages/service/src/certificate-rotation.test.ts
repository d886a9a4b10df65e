import { once } from 'node:events';
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';

import { systemClock } from '@causeway/kernel/system';
import type { MemberEntry } from '@causeway/protocol';
import { CausewayError } from '@causeway/protocol';
import Type from 'typebox';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { App } from './app.ts';
import { fixedTls, newAuthority, thumbprint, uri } from './certificates.fixture.ts';
import { federationApp } from './federation-app.ts';
import { createFederationClient } from './federation-client.ts';
import type { FederationClient } from './federation-client.ts';
import type { TlsFiles } from './node-keys.ts';
import { listen } from './run-service.ts';
import { quietLog, systemRandom } from './shell.fixture.ts';

const authority = newAuthority();
const issue = (member: string): TlsFiles => authority.issue({ uris: [uri(member)] });
const [lotusOld, lotusNew] = [issue('lotus'), issue('lotus')];
const [brokerOld, brokerNew] = [issue('broker'), issue('broker')];

const listed = new Map<string, string[]>();
const suspended = new Set<string>();
let port = 0;
let app: App;
let lotus: ReturnType<typeof fixedTls>;
let broker: ReturnType<typeof fixedTls>;
let client: FederationClient;
let slow: PromiseWithResolvers<void>;
let reached: PromiseWithResolvers<void>;
/** Certificates that served or called, by request. */
let met: string[];
/** The server's end of the connection of each request. */
let connections: TLSSocket[];

function entryOf(id: string): MemberEntry {
  const endpoints = { federation: `https://localhost:${port}` };
  const roles: MemberEntry['roles'] = ['bureau'];
  const status = suspended.has(id) ? 'suspended' : 'active';
  const certificates = listed.get(id) ?? [];
  const named = { v: 1, id, legal_name: id, roles, class: 'A', jurisdiction: 'CN' } as const;
  return { ...named, status, keys: [], endpoints, certificates };
}

const members = () => ({ member: (id: string) => (listed.has(id) ? entryOf(id) : undefined) });

beforeEach(async () => {
  listed.set('lotus', [thumbprint(lotusOld)]).set('broker', [thumbprint(brokerOld)]);
  suspended.clear();
  [met, connections] = [[], []];
  [slow, reached] = [Promise.withResolvers(), Promise.withResolvers()];
  [lotus, broker] = [fixedTls(lotusOld), fixedTls(brokerOld)];
  const base = { log: quietLog, clock: systemClock, random: systemRandom, fed: 'sandbox', members };
  app = federationApp({ ...base, tls: lotus });
  app.get('/who', async (request) => {
    connections.push(request.raw.socket as TLSSocket);
    met.push(callerOf(request.raw.socket as TLSSocket));
    return { peer: request.peer };
  });
  app.get('/slow', async () => {
    reached.resolve();
    await slow.promise;
    return { peer: 'late' };
  });
  port = await listen(app, '127.0.0.1', 0);
  client = createFederationClient({ fed: 'sandbox', tls: broker, members, clock: systemClock });
});
afterEach(async () => {
  slow.resolve();
  await client.close();
  await app.close();
});

const callerOf = (socket: TLSSocket): string =>
  (socket.getPeerX509Certificate()?.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();

const Who = Type.Object({ peer: Type.String() });
const get = async (path = '/who') =>
  (await client.call({ member: 'lotus', method: 'GET', path, schema: Who, timeoutMs: 5000 })).peer;
const codeOf = async (call: Promise<unknown>): Promise<string> =>
  await call.then(
    () => 'answered',
    (error: unknown) => (error instanceof CausewayError ? error.code : 'broken'),
  );

/** A connection by hand, which offers an earlier session where there is one. */
async function open(tls: TlsFiles, session?: Buffer): Promise<TLSSocket> {
  const socket = connect({
    ...{ port, host: '127.0.0.1', rejectUnauthorized: false, key: tls.key, cert: tls.cert },
    ...(session === undefined ? {} : { session }),
  });
  await once(socket, 'secureConnect');
  return socket;
}

async function ask(socket: TLSSocket): Promise<string> {
  socket.write('GET /who HTTP/1.1\r\nhost: a\r\n\r\n');
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}

const serverOf = (socket: TLSSocket): string =>
  socket.getPeerCertificate().fingerprint256.replaceAll(':', '').toLowerCase();

describe('S11 a node’s certificate is replaced', () => {
  test('S11 new connections are served the new one, and open ones end with their next answer', async () => {
    const before = await open(brokerOld);
    expect(await ask(before)).toMatch(/connection: keep-alive/iu);
    listed.set('lotus', [thumbprint(lotusOld), thumbprint(lotusNew)]);
    lotus.replace(lotusNew);
    const after = await open(brokerOld);
    expect([serverOf(before), serverOf(after)]).toEqual([thumbprint(lotusOld), thumbprint(lotusNew)]);
    const last = await ask(before);
    expect(last).toContain('"peer":"broker"');
    expect(last).toMatch(/connection: close/iu);
    expect(await ask(after)).toMatch(/connection: keep-alive/iu);
    expect(await get()).toBe('broker');
    for (const socket of [before, after]) socket.destroy();
  });

  test('S11 its own calls use the new one, and the call under way ends in the old one', async () => {
    expect(await get()).toBe('broker');
    const late = get('/slow');
    await reached.promise;
    listed.set('broker', [thumbprint(brokerOld), thumbprint(brokerNew)]);
    broker.replace(brokerNew);
    expect(await get()).toBe('broker');
    expect(met).toEqual([thumbprint(brokerOld), thumbprint(brokerNew)]);
    slow.resolve();
    expect(await late).toBe('late');
  });

  test('S11 the old one is removed, and no call is cut: none is on it any more', async () => {
    expect(await get()).toBe('broker');
    listed.set('lotus', [thumbprint(lotusOld), thumbprint(lotusNew)]);
    lotus.replace(lotusNew);
    while (connections[0]?.destroyed === false) await get();
    const late = get('/slow');
    await reached.promise;
    listed.set('lotus', [thumbprint(lotusNew)]);
    client.reconsider();
    slow.resolve();
    expect(await late).toBe('late');
  });

  test('S11 a certificate that is only added to a member cuts no call to it', async () => {
    const late = get('/slow');
    await reached.promise;
    listed.set('lotus', [thumbprint(lotusOld), thumbprint(lotusNew)]);
    client.reconsider();
    expect(await get()).toBe('broker');
    slow.resolve();
    expect(await late).toBe('late');
  });
});

describe('S29 a revoked certificate', () => {
  test('S29 of a client opens nothing: not anew, not by a session, not on an open connection', async () => {
    const socket = await open(brokerOld);
    const sessions: Buffer[] = [];
    socket.on('session', (session: Buffer) => sessions.push(session));
    expect(await ask(socket)).toContain('"peer":"broker"');
    listed.set('broker', []);
    expect(await ask(socket)).toContain('member_unknown');
    const anew = await open(brokerOld);
    expect(await ask(anew)).toContain('member_unknown');
    for (const session of [...sessions, socket.getSession()]) {
      if (session === undefined) continue;
      const resumed = await open(brokerOld, session);
      expect([resumed.isSessionReused(), await ask(resumed)]).toEqual([
        false,
        expect.stringContaining('member_unknown'),
      ]);
      resumed.destroy();
    }
    expect(met).toHaveLength(1);
    for (const each of [socket, anew]) each.destroy();
  });

  test('S29 no session is resumed at all, so none brings an old certificate along', async () => {
    const socket = await open(brokerOld);
    const sessions: Buffer[] = [];
    socket.on('session', (session: Buffer) => sessions.push(session));
    await ask(socket);
    for (const session of [...sessions, socket.getSession()]) {
      if (session === undefined) continue;
      const again = await open(brokerOld, session);
      expect(again.isSessionReused()).toBe(false);
      again.destroy();
    }
    socket.destroy();
  });

  test('S29 of a server is called no more: the call under way is cut off, and no other begins', async () => {
    listed.set('lotus', [thumbprint(lotusOld), thumbprint(lotusNew)]);
    expect(await get()).toBe('broker');
    const late = codeOf(get('/slow'));
    await reached.promise;
    listed.set('lotus', [thumbprint(lotusNew)]);
    client.reconsider();
    expect(await late).toBe('unavailable');
    expect(await codeOf(get())).toBe('unavailable');
    expect(met).toHaveLength(1);
    lotus.replace(lotusNew);
    expect(await get()).toBe('broker');
  });

  test('S29 S31 what is open to a member that is suspended is cut off', async () => {
    const late = codeOf(get('/slow'));
    await reached.promise;
    suspended.add('lotus');
    client.reconsider();
    expect(await late).toBe('unavailable');
    expect(await codeOf(get())).toBe('member_suspended');
  });
});
