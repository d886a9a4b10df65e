import { createVerify } from 'node:crypto';

import { decodeStrict } from '@causeway/records/encodings';
import { childOf, readXml } from '@causeway/records/xml';

/** One question as the registry understood it. */
export interface CcrcQuestion {
  readonly orgCode: string;
  readonly messageId: string;
  readonly sendTime: string;
  readonly name: string;
  readonly type: string;
  readonly number: string;
  readonly reason: string;
  readonly authNo: string;
  readonly authDate: string;
  readonly operator: string;
}

const headTags = ['Ver', 'OrgCode', 'MsgId', 'SendTime'] as const;
const messageTags = [
  ...(['Name', 'IDType', 'IDNum', 'QueryReason', 'AuthNo', 'AuthDate', 'Operator'] as const),
];

/** Whether the signature covers exactly these bytes. */
export const isSigned = (body: Uint8Array, signature: unknown, publicKey: string): boolean =>
  typeof signature === 'string' &&
  createVerify('RSA-SHA256').update(body).verify(publicKey, signature, 'base64');

/** Reads a question; undefined where it is not written as the registry wants it. */
export function readQuestion(body: Uint8Array): CcrcQuestion | undefined {
  try {
    const document = readXml(decodeStrict(body, 'gb18030'));
    const [head, message] = [childOf(document, 'Head'), childOf(document, 'Msg')];
    const names = [head, message].flatMap((part) => part?.children.map(({ name }) => name) ?? []);
    if (names.join() !== [...headTags, ...messageTags].join()) return undefined;
    const text = (name: string): string => (childOf(head, name) ?? childOf(message, name))?.text ?? '';
    if (text('Ver') !== '2.0' || !/^\d{8} \d\d:\d\d:\d\d$/u.test(text('SendTime'))) return undefined;
    if (!/^\d{8}$/u.test(text('AuthDate')) || text('Operator') === '') return undefined;
    return {
      ...{ orgCode: text('OrgCode'), messageId: text('MsgId'), sendTime: text('SendTime') },
      ...{ name: text('Name'), type: text('IDType'), number: text('IDNum'), reason: text('QueryReason') },
      ...{ authNo: text('AuthNo'), authDate: text('AuthDate'), operator: text('Operator') },
    };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
