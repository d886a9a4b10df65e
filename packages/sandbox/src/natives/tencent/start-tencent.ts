import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

import { seconds, type Clock } from '@causeway/kernel';

import type { Holding, NativeSystem } from '../native-system.ts';
import { disfigured, noQuirks, renamed, type TencentQuirks } from './quirks.ts';
import { renderAntiFraud, renderCreditScore, renderNobody } from './render.ts';
import { refusalOf, SeenSignatures } from './verify-request.ts';

export interface TencentOptions {
  readonly holdings: readonly Holding[];
  readonly quirks?: Partial<TencentQuirks>;
  readonly clock: Clock;
}

/** The played system, and what a test wants of it. */
export interface TencentSystem extends NativeSystem {
  readonly quirks: TencentQuirks;
  /** The last questions, in the order in which they came. */
  readonly asked: readonly TencentQuestion[];
}

export interface TencentQuestion {
  readonly action: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

type Shape = Readonly<Record<string, unknown>>;

const bodyBytesMax = 65_536;
const askedMax = 1_000;
const cryptoTypes = ['plain', 'md5', 'sha256', 'sm3'] as const;
const customer = { secretId: 'AKIDsandbox', secretKey: 'sandbox-key-of-nobody' };
const scene = '1000';

/**
 * A Tencent-like system on a loopback port: signature method v3, GetAntiFraud as it is documented, and a
 * credit score interface that is an invention. It knows persons by their resident's number.
 */
export async function startTencent({ clock, holdings, quirks }: TencentOptions): Promise<TencentSystem> {
  const state: TencentQuirks = { ...noQuirks, ...quirks };
  const persons = holdings.filter(({ subject }) => subject.identifier.scheme === 'gb11643');
  const byNumber = indexed(persons);
  const seen = new SeenSignatures();
  const asked: TencentQuestion[] = [];

  function answer({ headers }: IncomingMessage, body: Buffer): Shape {
    const action = String(headers['x-tc-action']);
    asked.splice(0, asked.length - askedMax + 1);
    asked.push({ action, body: body.toString(), headers });
    const code = state.error ?? refusalOf(headers, body, customer, seen, seconds(clock));
    if (code !== undefined) return { Error: { Code: code, Message: 'refused' } };
    const question = questionOf(body);
    if (typeof question === 'string') return { Error: { Code: question, Message: 'refused' } };
    const holding = byNumber.get(`${question.cryptoType}:${question.number}`);
    const named = holding !== undefined && (question.name ?? holding.subject.name) === holding.subject.name;
    const data = dataOf(action, named ? holding : undefined, seconds(clock));
    if (data === undefined) return { Error: { Code: 'InvalidAction', Message: 'refused' } };
    const shown = disfigured(data, state);
    return state.bare ? shown : { Data: shown };
  }

  const server = createServer((request, response) => {
    void bodyOf(request).then(
      (body) => {
        if (body === undefined) return response.writeHead(413).end();
        const reply = { Response: { ...answer(request, body), RequestId: randomUUID() } };
        const text = JSON.stringify(state.camelCase ? renamed(reply, lowerFirst) : reply);
        return response.writeHead(200, { 'Content-Type': 'application/json' }).end(text);
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    settings: settingsFor(port, persons),
    roster: persons.map(({ subject: { identifier, name } }) => ({
      scheme: identifier.scheme,
      id: identifier.value,
      name,
    })),
    quirks: state,
    asked,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function settingsFor(port: number, persons: readonly Holding[]): Shape {
  const entries = persons.flatMap(({ records }) => records).filter(({ record }) => record === 'watchlist');
  return {
    source: 'tencent',
    url: `http://127.0.0.1:${port}`,
    host: 'af.tencentcloudapi.com',
    region: 'ap-guangzhou',
    secret_id: customer.secretId,
    secret_key: customer.secretKey,
    customer_uin: '100000000001',
    customer_appid: '1250000001',
    scene,
    id_crypto: 'sha256',
    risk_types: Object.fromEntries(
      entries.flatMap((entry) => ('risk_code' in entry ? [[entry.risk_code, entry.risk_type]] : [])),
    ),
  };
}

/** Every person under each way in which a number may be written. */
function indexed(persons: readonly Holding[]): Map<string, Holding> {
  const index = new Map<string, Holding>();
  for (const holding of persons) {
    const { value } = holding.subject.identifier;
    for (const [type, how] of cryptoTypes.entries()) {
      const written = how === 'plain' ? value : createHash(how).update(value).digest('hex');
      index.set(`${type}:${written}`, holding);
    }
  }
  return index;
}

function questionOf(body: Buffer): { number: string; cryptoType: string; name: string | undefined } | string {
  const asked = securityData(body);
  const { Authorization, CustomerAppid, CustomerUin, IdCryptoType, IdNumber, Name, Scene } = asked ?? {};
  if (typeof CustomerUin !== 'string' || typeof CustomerAppid !== 'string' || typeof IdNumber !== 'string') {
    return 'InvalidParameter.ParamError';
  }
  if (Authorization !== '1' || Scene !== scene) return 'UnauthorizedOperation.AuthFailed';
  const cryptoType = typeof IdCryptoType === 'string' ? IdCryptoType : '0';
  return { number: IdNumber, cryptoType, name: typeof Name === 'string' ? Name : undefined };
}

function securityData(body: Buffer): Shape | undefined {
  try {
    return (JSON.parse(body.toString()) as { BusinessSecurityData?: Shape }).BusinessSecurityData;
  } catch {
    return undefined;
  }
}

function dataOf(action: string, holding: Holding | undefined, nowSeconds: number): Shape | undefined {
  const records = holding?.records ?? [];
  if (action === 'QueryCreditScore') return renderCreditScore(records);
  if (action !== 'GetAntiFraud') return undefined;
  return renderAntiFraud(records, nowSeconds) ?? renderNobody(nowSeconds, holding !== undefined);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const lowerFirst = (name: string): string => name.slice(0, 1).toLowerCase() + name.slice(1);
