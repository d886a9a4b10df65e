import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { encodeStrict } from '@causeway/records/encodings';

/**
 * The body of a request: the members as a form in the charset, with `sign` over them. Signed is `k=v` of all
 * members, sorted by key and joined by `&`, before any percent sign (RSA with SHA-256, base64).
 */
export function signedForm(
  members: Readonly<Record<string, string>>,
  appKey: KeyObject,
  charset: 'utf-8' | 'gbk',
): Buffer {
  const sorted = Object.entries(members).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const content = sorted.map(([key, value]) => `${key}=${value}`).join('&');
  const signature = sign('sha256', encodeStrict(content, charset), appKey).toString('base64');
  const pairs = [...sorted, ['sign', signature] as const].map(
    ([key, value]) => `${key}=${percentEncoded(encodeStrict(value, charset))}`,
  );
  return Buffer.from(pairs.join('&'), 'latin1');
}

const plain = /^[A-Za-z0-9_.-]$/u;

function percentEncoded(bytes: Uint8Array): string {
  let out = '';
  for (const byte of bytes) {
    const char = String.fromCharCode(byte);
    out += plain.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}

/**
 * JSON whose every character the charset can write. A name that GBK has no bytes for travels as `\u` escapes,
 * which mean the same to a JSON reader, rather than as a question mark.
 */
export function writableJson(value: unknown, charset: 'utf-8' | 'gbk'): string {
  const json = JSON.stringify(value);
  try {
    encodeStrict(json, charset);
    return json;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return json.replaceAll(/[^\u0000-\u007f]/gu, escaped);
  }
}

function escaped(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

const shanghaiMs = 8 * 3_600_000;

/** The gateway's time stamp: Shanghai time, without a zone, 'yyyy-MM-dd HH:mm:ss'. */
export function gatewayTime(nowMs: number): string {
  return new Date(nowMs + shanghaiMs).toISOString().slice(0, 19).replace('T', ' ');
}
