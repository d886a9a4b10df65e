import { verify } from 'node:crypto';

import { parseStrictJson } from '@causeway/protocol';
import { decodeStrict } from '@causeway/records/encodings';

import { SourceFault } from '../source-fault.ts';
import { decryptContent, strictBase64 } from './content-cipher.ts';
import { verdictOf } from './gateway-errors.ts';
import { misshapen, NativeFields } from './native-fields.ts';
import { readFrame } from './reply-frame.ts';
import type { ReplyFrame } from './reply-frame.ts';
import type { ZhimaSettings } from './settings.ts';

/** details, extend_info and their members: nothing that is documented nests deeper. */
const depthMax = 8;

/** What a reply is opened with. */
type Opener = Pick<ZhimaSettings, 'platformKey' | 'charset' | 'aesKey'>;

/**
 * Opens a reply: its signature over the bytes of the inner member, then the cipher, the charset and strict
 * JSON, then the gateway's code. 'not_found' is believed only under a good signature; an error without one is
 * still an error, because the gateway cannot sign for an application that it does not recognise.
 * @throws SourceFault of the class that the code stands for, or of what is wrong with the reply
 */
export function openReply(body: Buffer, method: string, settings: Opener): NativeFields | 'not_found' {
  const frame = readFrame(body, settings.charset);
  const { own, raw, signed } = authenticate(frame, method, settings);
  const fields = new NativeFields(parseInner(raw, settings));
  const code = fields.text('code') ?? '';
  const subCode = fields.text('sub_code') ?? '';
  if (code === '10000') {
    if (!signed) throw new SourceFault('signature_invalid', 'the answer is not signed');
    // Under the name for errors an answer could be that of any method.
    if (!own || subCode !== '') throw misshapen('a success that is none');
    return fields.skip('msg', 'sub_msg');
  }
  const verdict = verdictOf(code, subCode);
  if (verdict !== 'not_found') throw new SourceFault(verdict, 'the gateway refuses', shown(code, subCode));
  if (signed) return verdict;
  throw new SourceFault('signature_invalid', 'an unsigned answer is no finding', shown(code, subCode));
}

/** Certificate mode names the certificate beside the signature; nothing else may stand outside of it. */
const beside = new Set(['sign', 'alipay_cert_sn']);

interface Inner {
  /** Whether it stands under the method's own name. */
  readonly own: boolean;
  readonly raw: Buffer;
  readonly signed: boolean;
}

function authenticate(frame: ReplyFrame, method: string, { platformKey }: Opener): Inner {
  const inner = [...frame].filter(([name]) => !beside.has(name));
  const [name, raw] = inner[0] ?? [];
  const own = name === `${method.replaceAll('.', '_')}_response`;
  if (inner.length !== 1 || raw === undefined) throw misshapen('the outermost object');
  if (!own && name !== 'error_response') throw misshapen('the name of the response');
  const sign = frame.get('sign');
  if (sign === undefined) return { own, raw, signed: false };
  if (verify('sha256', raw, platformKey, signatureOf(sign))) return { own, raw, signed: true };
  throw new SourceFault('signature_invalid', 'the signature is not over what came');
}

/** Some writers escape the slash, which is the only character of base64 that JSON lets them. */
function signatureOf(member: Buffer): Buffer {
  const text = member.toString('latin1').replaceAll('\\/', '/');
  try {
    if (text.startsWith('"') && text.endsWith('"')) return strictBase64(text.slice(1, -1));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new SourceFault('signature_invalid', 'the signature is not base64');
}

/** Where both sides hold a key the inner member is a string of ciphertext; errors come in the clear. */
function parseInner(raw: Buffer, { aesKey, charset }: Opener): unknown {
  try {
    const encrypted = aesKey !== undefined && raw[0] === 0x22;
    const text = raw.toString('latin1').slice(1, -1).replaceAll('\\/', '/');
    const content = encrypted ? decryptContent(text, aesKey) : raw;
    return parseStrictJson(decodeStrict(content, charset), { depthMax });
  } catch {
    throw misshapen('the inner object');
  }
}

/** Native codes for the operator: only what looks like one, since a text could hold a person's data. */
function shown(code: string, subCode: string): string {
  return [code, subCode].map((text) => (/^[\w.-]{1,64}$/u.test(text) ? text : '?')).join(' ');
}
