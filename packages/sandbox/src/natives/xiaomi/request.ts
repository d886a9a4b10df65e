import { parseStrictJson } from '@causeway/protocol';
import { decodeStrict } from '@causeway/records';
import { createHash, timingSafeEqual } from 'node:crypto';

/** A question whose signature holds. */
export interface NativeRequest {
  readonly reqNo: string;
  readonly data: string;
  readonly who: { readonly uid?: unknown; readonly idType?: unknown; readonly id?: unknown };
}

const names = ['partnerId', 'reqNo', 'ts', 'ver', 'data', 'sign'] as const;

/** Reads a posted form, or says with which code it is refused: 1001 for its signature, 1002 for the rest. */
export function requestOf(form: string, partnerId: string, key: string): NativeRequest | '1001' | '1002' {
  const fields = new URLSearchParams(form);
  const values = new Map(fields);
  if (fields.size !== names.length || names.some((name) => !values.get(name))) return '1002';
  const sign = Buffer.from(values.get('sign') ?? '');
  values.delete('sign');
  const right = Buffer.from(signatureOf(values, key));
  if (sign.length !== right.length || !timingSafeEqual(sign, right)) return '1001';
  const [reqNo, data] = [values.get('reqNo') ?? '', values.get('data') ?? ''];
  const plain = /^[0-9]{13}$/u.test(values.get('ts') ?? '') && /^[!-~]{1,32}$/u.test(reqNo);
  if (values.get('partnerId') !== partnerId || values.get('ver') !== '1.0' || !plain) return '1002';
  const who = objectOf(data);
  return who === undefined ? '1002' : { reqNo, data, who };
}

/** MD5 over the sorted fields and the key, in capitals: weak, as it is known of such interfaces. */
function signatureOf(values: ReadonlyMap<string, string>, key: string): string {
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = sorted.map(([name, value]) => `${name}=${value}&`).join('') + key;
  return createHash('md5').update(text).digest('hex').toUpperCase();
}

function objectOf(data: string): object | undefined {
  try {
    const value = parseStrictJson(decodeStrict(Buffer.from(data, 'base64'), 'gbk'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
