import { createDecipheriv, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { decodeStrict } from '@causeway/records';
import { parseStrictJson } from '@causeway/protocol';

import type { NativeObject } from './native-json.ts';

/** The gateway's own refusal: its code and sub-code. */
export class GatewayRefusal extends Error {
  readonly code: string;
  readonly subCode: string;

  constructor(code: string, subCode: string) {
    super(`${code} ${subCode}`);
    this.code = code;
    this.subCode = subCode;
  }
}

/** A request whose signature is the application's. */
export interface GatewayRequest {
  readonly method: string;
  readonly charset: 'utf-8' | 'gbk';
  readonly authToken: string | undefined;
  readonly encrypted: boolean;
  readonly transactionId: string;
  readonly content: NativeObject;
}

/** What the gateway knows of the one application that may ask. */
export interface Application {
  readonly appId: string;
  readonly appKey: KeyObject;
  readonly aesKey: Buffer;
}

const required = ['app_id', 'method', 'charset', 'sign_type', 'sign', 'timestamp', 'version'] as const;
const products: Readonly<Record<string, string>> = {
  'zhima.credit.score.get': 'w1010100100000000001',
  'zhima.credit.score.brief.get': 'w1010100000000002733',
  'zhima.credit.watchlistii.get': 'w1010100100000000022',
  'zhima.credit.watchlist.brief.get': 'w1010100000000002977',
  'zhima.credit.ep.score.get': 'w1010100003000001418',
};

/** The charset that a body names, so that even a refusal is written in it. */
export function charsetOf(body: Buffer): 'utf-8' | 'gbk' {
  return /(?:^|&)charset=gbk(?:&|$)/u.test(body.toString('latin1')) ? 'gbk' : 'utf-8';
}

/** Reads and checks a form. @throws GatewayRefusal */
export function readRequest(body: Buffer, application: Application): GatewayRequest {
  const charset = charsetOf(body);
  const raw = rawForm(body);
  const members = decoded(raw, charset);
  const of = (name: string): string => members.get(name) ?? '';
  const missing = required.find((name) => !members.has(name));
  if (missing !== undefined) throw new GatewayRefusal('40001', `isv.missing-${missing.replaceAll('_', '-')}`);
  if (of('app_id') !== application.appId) throw new GatewayRefusal('40002', 'isv.invalid-app-id');
  if (of('sign_type') !== 'RSA2') throw new GatewayRefusal('40002', 'isv.invalid-signature-type');
  if (!isSigned(raw, application.appKey)) throw new GatewayRefusal('40002', 'isv.invalid-signature');
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/u.test(of('timestamp'))) {
    throw new GatewayRefusal('40002', 'isv.invalid-timestamp');
  }
  const encrypted = of('encrypt_type') === 'AES';
  const content = readContent(of('biz_content'), encrypted ? application.aesKey : undefined, charset);
  const product = Object.hasOwn(products, of('method')) ? products[of('method')] : undefined;
  if (product === undefined) throw new GatewayRefusal('40002', 'isv.invalid-method');
  const transactionId = textOf(content, 'transaction_id');
  if (content['product_code'] !== product || !/^[A-Za-z0-9_]{1,64}$/u.test(transactionId)) {
    throw new GatewayRefusal('40002', 'isv.invalid-parameter');
  }
  const authToken = members.get('auth_token');
  return { method: of('method'), charset, authToken, encrypted, transactionId, content };
}

/** Members as the bytes that were signed. */
function rawForm(body: Buffer): ReadonlyMap<string, Buffer> {
  const pairs = body.toString('latin1').split('&');
  return new Map(
    pairs.map((pair) => [pair.split('=')[0] ?? '', unescaped(pair.slice(pair.indexOf('=') + 1))]),
  );
}

function unescaped(text: string): Buffer {
  const bytes = text.replaceAll(/%([0-9A-F]{2})/gu, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1');
}

function decoded(raw: ReadonlyMap<string, Buffer>, charset: 'utf-8' | 'gbk'): ReadonlyMap<string, string> {
  try {
    return new Map([...raw].map(([name, bytes]) => [name, decodeStrict(bytes, charset)]));
  } catch {
    throw new GatewayRefusal('40002', 'isv.invalid-charset');
  }
}

function isSigned(raw: ReadonlyMap<string, Buffer>, key: KeyObject): boolean {
  const names = [...raw.keys()].filter((name) => name !== 'sign').toSorted();
  const parts = names.flatMap((name, at) => [
    Buffer.from(`${at === 0 ? '' : '&'}${name}=`),
    raw.get(name) ?? Buffer.alloc(0),
  ]);
  const signature = Buffer.from(raw.get('sign')?.toString('latin1') ?? '', 'base64');
  return verify('sha256', Buffer.concat(parts), key, signature);
}

/** A member of the content that should be a text; '' where it is none. */
export function textOf(content: NativeObject, name: string): string {
  const value = content[name];
  return typeof value === 'string' ? value : '';
}

function readContent(text: string, aesKey: Buffer | undefined, charset: 'utf-8' | 'gbk'): NativeObject {
  try {
    const json = aesKey === undefined ? text : decodeStrict(decrypted(text, aesKey), charset);
    return parseStrictJson(json) as NativeObject;
  } catch {
    throw new GatewayRefusal('40002', aesKey === undefined ? 'isv.invalid-parameter' : 'isv.invalid-encrypt');
  }
}

function decrypted(text: string, key: Buffer): Buffer {
  const decipher = createDecipheriv('aes-128-cbc', key, Buffer.alloc(16));
  return Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]);
}
