import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Clock } from '@causeway/kernel';
import { systemClock } from '@causeway/kernel';

import type { Holding, NativeSystem, RosterEntry } from '../native-system.ts';
import { replyBytes } from './gateway-reply.ts';
import { charsetOf, GatewayRefusal, readRequest, textOf } from './gateway-request.ts';
import type { Application, GatewayRequest } from './gateway-request.ts';
import { answerOf } from './native-answers.ts';
import type { NativeObject } from './native-json.ts';
import { Transactions } from './transactions.ts';
import { noQuirks } from './zhima-quirks.ts';
import type { ZhimaQuirks } from './zhima-quirks.ts';

/** A gateway that plays Zhima's part, with what a test or an operator wants to see of it. */
export interface ZhimaSystem extends NativeSystem {
  /** May be changed while it runs. */
  readonly quirks: ZhimaQuirks;
  /** Answers that were charged so far. */
  charged(): number;
  /** Methods in the order in which they were asked, refused ones too. */
  asked(): readonly string[];
}

interface ZhimaOptions {
  readonly holdings: readonly Holding[];
  readonly quirks?: Partial<ZhimaQuirks>;
  readonly clock?: Clock;
  /** What the settings tell the bureau to speak; the gateway itself speaks all of it. */
  readonly charset?: 'utf-8' | 'gbk';
  readonly encrypted?: boolean;
}

const bodyBytesMax = 65_536;
const APP_ID = '2014072300007148';

/** What the gateway works with. */
interface Gateway {
  readonly application: Application;
  readonly platformKey: KeyObject;
  readonly byToken: ReadonlyMap<string, Holding>;
  readonly byCertificate: ReadonlyMap<string, Holding>;
  readonly transactions: Transactions;
  readonly quirks: ZhimaQuirks;
  readonly asked: string[];
}

/**
 * Starts the simulator on a free port of this machine, with fresh keys. It is this project's own reading of
 * the public documentation, and no claim about the real system beyond it.
 */
export async function startZhima(options: ZhimaOptions): Promise<ZhimaSystem> {
  const { holdings, quirks } = options;
  const clock = options.clock ?? systemClock;
  const [app, platform] = [freshKeys(), freshKeys()];
  const gateway: Gateway = {
    application: { appId: APP_ID, appKey: app.publicKey, aesKey: randomBytes(16) },
    platformKey: platform.privateKey,
    byToken: new Map(holdings.map((holding) => [tokenOf(holding), holding])),
    byCertificate: new Map(holdings.map((holding) => [holding.subject.identifier.value, holding])),
    transactions: new Transactions(clock),
    ...{ quirks: { ...noQuirks, ...quirks }, asked: [] },
  };
  const server = createServer((request, response) => {
    const body = answer(gateway, request);
    body.then(
      (bytes) => response.writeHead(200, { 'content-type': 'text/html' }).end(bytes),
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    settings: {
      ...settingsOf(server.address() as AddressInfo, app.privateKey, platform.publicKey),
      charset: options.charset ?? 'utf-8',
      ...(options.encrypted ? { aes_key: gateway.application.aesKey.toString('base64') } : {}),
    },
    roster: holdings.map(rosterEntry),
    quirks: gateway.quirks,
    charged: () => gateway.transactions.charged,
    asked: () => gateway.asked,
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function freshKeys(): { publicKey: KeyObject; privateKey: KeyObject } {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

function settingsOf(
  { port }: AddressInfo,
  appKey: KeyObject,
  platformKey: KeyObject,
): Record<string, unknown> {
  return {
    source: 'zhima',
    url: `http://127.0.0.1:${port}/gateway.do`,
    app_id: APP_ID,
    app_private_key: appKey.export({ type: 'pkcs8', format: 'pem' }),
    platform_public_key: platformKey.export({ type: 'spki', format: 'pem' }),
    admittance_score: 600,
  };
}

/** The person's authorisation at the gateway; 40 characters at most. */
function tokenOf({ subject }: Holding): string {
  return `composeB${createHash('sha256').update(subject.id).digest('hex').slice(0, 32)}`;
}

function rosterEntry(holding: Holding): RosterEntry {
  const { identifier, name } = holding.subject;
  return { scheme: identifier.scheme, id: identifier.value, name, handle: tokenOf(holding) };
}

async function answer(gateway: Gateway, request: IncomingMessage): Promise<Buffer> {
  const body = await readBody(request);
  const { application, platformKey, quirks } = gateway;
  try {
    const read = readRequest(body, application);
    gateway.asked.push(read.method);
    const inner = { code: '10000', msg: 'Success', ...answerTo(gateway, read) };
    const member = `${read.method.replaceAll('.', '_')}_response`;
    const aesKey = read.encrypted ? application.aesKey : undefined;
    return replyBytes(inner, { member, charset: read.charset, platformKey, aesKey }, quirks);
  } catch (error) {
    if (!(error instanceof GatewayRefusal)) throw error;
    const inner = { code: error.code, msg: 'Refused', sub_code: error.subCode, sub_msg: '见错误码' };
    const wrapping = { member: 'error_response', charset: charsetOf(body), platformKey, aesKey: undefined };
    return replyBytes(inner, wrapping, quirks);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new RangeError('too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The first answer again, or a fresh one that is charged. Refusals are neither charged nor remembered. */
function answerTo(
  { byCertificate, byToken, quirks, transactions }: Gateway,
  request: GatewayRequest,
): NativeObject {
  if (quirks.error !== undefined) throw new GatewayRefusal(quirks.error.code, quirks.error.subCode);
  const first = transactions.replay(request.transactionId);
  if (first === 'expired') throw new GatewayRefusal('40004', 'ZMCREDIT.TRANSACTION_EXPIRED');
  if (first !== undefined) return first;
  const brief = request.method.endsWith('.brief.get');
  const holding = brief ? certified(byCertificate, request.content) : byToken.get(request.authToken ?? '');
  if (holding === undefined) throw new GatewayRefusal('20001', 'aop.invalid-auth-token');
  const fresh = {
    biz_no: `ZM20170327${String(transactions.charged + 1).padStart(21, '0')}`,
    ...answerOf(request.method, holding, request.content, quirks),
  };
  transactions.charge(request.transactionId, fresh);
  return fresh;
}

function certified(holdings: ReadonlyMap<string, Holding>, content: NativeObject): Holding {
  const holding = holdings.get(textOf(content, 'cert_no'));
  if (holding === undefined) throw new GatewayRefusal('40004', 'ZMCREDIT.USER_NOT_EXIST');
  const { identifier, name } = holding.subject;
  const type = identifier.scheme === 'passport' ? 'PASSPORT' : 'IDENTITY_CARD';
  if (content['cert_type'] === type && content['name'] === name) return holding;
  throw new GatewayRefusal('40004', 'ZMCREDIT.IDENTITY_NOT_MATCH');
}
