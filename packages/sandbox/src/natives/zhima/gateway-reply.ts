import { createCipheriv, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { encodeStrict } from '@causeway/records';

import { escapedJson, nativeJson } from './native-json.ts';
import type { NativeObject } from './native-json.ts';
import type { ZhimaQuirks } from './zhima-quirks.ts';

/** How a reply is wrapped. */
export interface Wrapping {
  readonly member: string;
  readonly charset: 'utf-8' | 'gbk';
  readonly platformKey: KeyObject;
  /** Undefined where the request came in the clear. */
  readonly aesKey: Buffer | undefined;
}

/**
 * The bytes of a reply: the inner object's text, and a signature over exactly those bytes. Encrypted, the
 * inner member is a string of ciphertext, and its quotation marks are signed with it.
 */
export function replyBytes(inner: NativeObject, wrapping: Wrapping, quirks: ZhimaQuirks): Buffer {
  const json = nativeJson(inner, quirks);
  const text = quirks.rewriteInner?.(json) ?? json;
  const charset = quirks.replyCharset === 'gbk' ? 'gbk' : wrapping.charset;
  const plain = written(text, charset);
  const raw = wrapping.aesKey === undefined ? plain : Buffer.from(`"${encrypted(plain, wrapping.aesKey)}"`);
  const signed = quirks.signature === 'wrong' ? Buffer.concat([raw, Buffer.from(' ')]) : raw;
  const signature = sign('sha256', signed, wrapping.platformKey).toString('base64');
  const gap = quirks.spacing === 'spaced' ? ' \n' : '';
  const head = Buffer.from(`{${gap}"${wrapping.member}"${gap}:${gap}`);
  const tail = quirks.signature === 'missing' ? `${gap}}` : `${gap},${gap}"sign":"${signature}"${gap}}`;
  const body = Buffer.concat([head, raw, Buffer.from(tail)]);
  return quirks.rewriteBody?.(body) ?? body;
}

/** What the charset has no bytes for travels as an escape. */
function written(text: string, charset: 'utf-8' | 'gbk'): Buffer {
  try {
    return Buffer.from(encodeStrict(text, charset));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return Buffer.from(escapedJson(text));
  }
}

function encrypted(content: Buffer, key: Buffer): string {
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.alloc(16));
  return Buffer.concat([cipher.update(content), cipher.final()]).toString('base64');
}
