import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';

import { systemClock, systemRandom } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';

import type { Holding, NativeSystem, RosterEntry } from '../native-system.ts';
import { answerTo, signed } from './answer.ts';
import { newCredentials } from './credentials.ts';
import type { CcrcCredentials } from './credentials.ts';
import type { CcrcQuestion } from './question.ts';
import { readQuestion } from './question.ts';
import { usualQuirks } from './quirks.ts';
import type { CcrcFailure, CcrcQuirks } from './quirks.ts';
import { oldNumber } from './report.ts';

export interface CcrcOptions {
  readonly holdings: readonly Holding[];
  /** 0, the default, takes any that is free. */
  readonly port?: number;
  readonly quirks?: Partial<CcrcQuirks>;
  /** Sandbox ids of subjects known by the 15-digit form of their number only. */
  readonly oldOnly?: readonly string[];
  readonly clock?: Clock;
  readonly credentials?: CcrcCredentials;
  /** The query reason that was agreed for what persons ask about themselves; none without it. */
  readonly ownReason?: string;
}

/** The registry's stand-in. Its quirks and its failure can be changed between two questions. */
export interface CcrcSystem extends NativeSystem {
  readonly quirks: CcrcQuirks;
  failure: CcrcFailure | undefined;
  holdings: readonly Holding[];
  /** Every question that could be read, in its order. */
  readonly requests: CcrcQuestion[];
  readonly credentials: CcrcCredentials;
}

const path = '/ccrc/v2/query';
const orgCode = 'A10311000H0001';
const bodyBytesMax = 65_536;

/**
 * Starts a registry on 127.0.0.1 with certificates of its own: TLS both ways, questions and answers signed.
 */
export async function startCcrc(options: CcrcOptions): Promise<CcrcSystem> {
  const clock = options.clock ?? systemClock;
  const credentials = options.credentials ?? newCredentials(clock.now());
  const oldOnly = new Set(options.oldOnly);
  const sockets = new Set<Socket>();
  const { ca, client, requests: requestKeys, server: own } = credentials;
  const server = createServer({
    ...{ ...own, ca, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' },
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const system: CcrcSystem = {
    settings: {
      ...{ source: 'ccrc', url: `https://127.0.0.1:${port}${path}`, org_code: orgCode, operator: 'teller01' },
      ...{ sign_key: requestKeys.key, answer_key: credentials.answers.publicKey },
      tls: { cert: client.cert, key: client.key, ca },
      pseudonym_key: Buffer.from(systemRandom.bytes(32)).toString('base64url'),
      ...(options.ownReason === undefined ? {} : { own_reason: options.ownReason }),
    },
    roster: options.holdings.map((holding) => rosterEntry(holding, oldOnly)),
    quirks: { ...usualQuirks, ...options.quirks },
    failure: undefined,
    holdings: options.holdings,
    requests: [],
    credentials,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  let serial = 0;
  server.on('request', (request, response) => {
    response.on('error', () => undefined);
    serial += 1;
    void answer(system, oldOnly, clock, serial, request, response).catch(() => response.destroy());
  });
  return system;
}

function rosterEntry({ subject }: Holding, oldOnly: ReadonlySet<string>): RosterEntry {
  const { scheme, value } = subject.identifier;
  const handle = oldOnly.has(subject.id) ? { handle: `10:${oldNumber(value)}` } : {};
  return { scheme, id: value, name: subject.name, ...handle };
}

async function answer(
  system: CcrcSystem,
  oldOnly: ReadonlySet<string>,
  clock: Clock,
  serial: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { credentials, failure, holdings, quirks } = system;
  if (request.method !== 'POST' || request.url !== path) return void response.writeHead(404).end();
  const body = await readBody(request);
  if (body === undefined) return void response.writeHead(413).end();
  const question = readQuestion(body);
  if (question !== undefined) system.requests.push(question);
  const registry = {
    ...{ holdings, oldOnly, orgCode, quirks, failure, serial, nowMs: clock.now() },
    requestKey: credentials.requests.publicKey,
  };
  const written = failure?.kind === 'body' ? Buffer.from(failure.body) : undefined;
  const whole = written ?? answerTo(registry, body, request.headers['x-sign']);
  const signature = failure?.kind === 'signature' ? failure.value : signed(whole, credentials.answers.key);
  const headers = {
    'content-type': 'text/xml; charset=GB18030',
    ...(signature === undefined ? {} : { 'x-sign': signature }),
  };
  await send(response, failure, headers, whole);
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function send(
  response: ServerResponse,
  failure: CcrcFailure | undefined,
  headers: Readonly<Record<string, string>>,
  whole: Buffer,
): Promise<void> {
  switch (failure?.kind) {
    case 'hang':
      return;
    case 'status':
      return void response.writeHead(failure.status, failure.headers).end();
    case 'tampered':
      return void response.writeHead(200, headers).end(failure.change(Buffer.from(whole)));
    case 'cut':
      response.writeHead(200, { ...headers, 'content-length': String(whole.length) });
      response.write(whole.subarray(0, failure.after), () => response.destroy());
      return;
    case 'drip':
      response.writeHead(200, headers);
      for (let at = 0; at < whole.length && !response.destroyed; at += failure.bytes) {
        response.write(whole.subarray(at, at + failure.bytes));
        await wait(failure.everyMs);
      }
      return void response.end();
    case 'flood':
      return await flood(response, headers, failure.bytes);
    case 'body':
    case 'report':
    case 'result':
    case 'signature':
    case undefined:
      return void response.writeHead(200, headers).end(whole);
  }
}

async function flood(response: ServerResponse, headers: Readonly<Record<string, string>>, bytes: number) {
  const piece = Buffer.alloc(65_536, 0x20);
  response.writeHead(200, { ...headers, 'content-length': String(bytes) });
  await pipeline(Readable.from(times(piece, Math.floor(bytes / piece.length))), response);
}

function* times(piece: Buffer, count: number): Generator<Buffer> {
  for (let n = 0; n < count; n += 1) yield piece;
}
