import { createVerify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

import { childOf, readXml } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { replyBytesMax } from '../native-call.ts';
import type { NativeReply } from '../native-call.ts';
import type { Finding, NativeSubject } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { decodeDeclared } from './declared-encoding.ts';
import { textOf } from './draft.ts';
import { readEnterpriseReport } from './enterprise-report.ts';
import { openReport } from './header.ts';
import { readPersonReport } from './person-report.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { meaningOf } from './ret-codes.ts';

/** What an answer is read with. */
export interface Expected {
  readonly subject: NativeSubject;
  readonly messageId: string;
  readonly answerKey: KeyObject | undefined;
  readonly pseudonyms: Pseudonyms;
}

const outer = { depthMax: 4, elementsMax: 64, textMax: replyBytesMax };
const inner = { depthMax: 8, elementsMax: 200_000, textMax: 16_384 };

/**
 * What an answer says. Nothing in it is looked at before its signature over the received bytes holds, and
 * nothing in the report before the answer cites the question.
 * @throws SourceFault
 */
export function readReply(reply: NativeReply, expected: Expected): Finding {
  requireOk(reply.status);
  requireSigned(reply, expected.answerKey);
  const document = tree(() => readXml(decodeDeclared(reply.body, charsetOf(reply)), outer));
  const [head, message] = [childOf(document, 'Head'), childOf(document, 'Msg')];
  const code = textOf(message, 'RetCode');
  if (document.name !== 'Document' || code === undefined) broken('the answer has no result code');
  if (textOf(head, 'RefMsgId') !== expected.messageId) broken('the answer is to another question');
  const meaning = meaningOf(code);
  if (meaning === 'unknown_subject') return { known: false, records: [], notes: [] };
  if (meaning === 'no_credit') return { known: true, records: [], notes: [] };
  if (meaning !== 'report') throw new SourceFault(meaning, 'the registry refused', nativeCode(code));
  return readReport(childOf(message, 'Report'), expected);
}

function readReport(element: XmlElement | undefined, { pseudonyms, subject }: Expected): Finding {
  if (element?.attributes['encoding'] !== 'base64') broken('the answer has no report in base64');
  const bytes = unpacked(element.text);
  const document = tree(() => readXml(decodeDeclared(bytes), inner));
  if (document.name !== 'Document') broken('the report is no report');
  const report = openReport(document, subject, pseudonyms);
  if (report.subjectKind === 'person') readPersonReport(report, document);
  else readEnterpriseReport(report, document);
  return { known: true, records: report.records, notes: report.notes };
}

function requireOk(status: number): void {
  if (status === 200) return;
  if (status === 401 || status === 403)
    throw new SourceFault('not_authorised', 'the registry lets nobody in');
  if (status === 429) throw new SourceFault('rate_limited', 'the registry asks for fewer questions');
  if (status >= 500) throw new SourceFault('upstream_unavailable', `HTTP status ${status}`);
  broken(`HTTP status ${status}`);
}

function requireSigned({ body, headers }: NativeReply, key: KeyObject | undefined): void {
  if (key === undefined) return;
  const signature = headers['x-sign'];
  const holds =
    typeof signature === 'string' && createVerify('RSA-SHA256').update(body).verify(key, signature, 'base64');
  if (!holds) throw new SourceFault('signature_invalid', 'the answer is not signed by the registry');
}

function charsetOf({ headers }: NativeReply): string | undefined {
  const type = headers['content-type'];
  return typeof type === 'string' ? /charset="?([A-Za-z0-9_.-]{1,20})"?/iu.exec(type)?.[1] : undefined;
}

/** Strict base64, with line breaks only: what decodes to the same bytes by accident is no answer. */
function unpacked(text: string): Uint8Array {
  const packed = text.replaceAll(/[\r\n\t ]+/gu, '');
  const bytes = Buffer.from(packed, 'base64');
  if (packed === '' || bytes.toString('base64') !== packed) broken('the report is not valid base64');
  return bytes;
}

function tree(read: () => XmlElement): XmlElement {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SourceFault('upstream_error', error.message);
  }
}

const nativeCode = (code: string): string | undefined => (/^[0-9A-Z]{1,8}$/u.test(code) ? code : undefined);

function broken(why: string): never {
  throw new SourceFault('upstream_error', why);
}
