import { createHash, createSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { dateOf } from '@causeway/kernel';
import { encodeStrict } from '@causeway/records/encodings';

import type { Moment, NativeSubject } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { askedAs } from './identity.ts';
import { registryZone } from './readings.ts';
import type { CcrcSettings } from './settings.ts';

/** A question as it is sent: its exact bytes, their signature, and the name by which the answer cites it. */
export interface Question {
  readonly body: Uint8Array;
  readonly signature: string;
  readonly messageId: string;
}

/**
 * Writes and signs one question. The message id is made of the inquiry and the moment, so that an answer can
 * be told from an older one; the authorisation number is the inquiry's digest.
 * @throws SourceFault `bad_request` where the name cannot be written in GB18030
 */
export function questionOf(
  settings: Pick<CcrcSettings, 'org_code' | 'operator'>,
  key: KeyObject,
  subject: NativeSubject,
  { inquiry, nowMs }: Moment,
  reason: string,
): Question {
  const messageId = createHash('sha256').update(`${inquiry} ${nowMs}`).digest('hex').slice(0, 32);
  const { number, type } = askedAs(subject);
  const day = dateOf(nowMs, registryZone).replaceAll('-', '');
  const head =
    tag('Ver', '2.0') +
    tag('OrgCode', settings.org_code) +
    tag('MsgId', messageId) +
    tag('SendTime', `${day} ${clockTime(nowMs)}`);
  const message =
    tag('Name', subject.name ?? '') +
    tag('IDType', type) +
    tag('IDNum', number) +
    tag('QueryReason', reason) +
    tag('AuthNo', inquiry) +
    tag('AuthDate', day) +
    tag('Operator', settings.operator);
  const body = encoded(
    `<?xml version="1.0" encoding="GB18030"?><Document><Head>${head}</Head><Msg>${message}</Msg></Document>`,
  );
  return { body, signature: createSign('RSA-SHA256').update(body).sign(key, 'base64'), messageId };
}

function encoded(xml: string): Uint8Array {
  try {
    return encodeStrict(xml, 'gb18030');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SourceFault('bad_request', 'the name cannot be written in GB18030');
  }
}

const tag = (name: string, text: string): string => `<${name}>${escaped(text)}</${name}>`;

/** What XML gives a meaning; control characters cannot be written at all and are left out of a name. */
const escaped = (text: string): string =>
  text
    .replaceAll(/[\u0000-\u001f\u007f\ufffe\uffff]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');

/** 'HH:MM:SS' in Shanghai, which has kept one offset since 1991. */
function clockTime(ms: number): string {
  return new Date(ms + 8 * 3_600_000).toISOString().slice(11, 19);
}
