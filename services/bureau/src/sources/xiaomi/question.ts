import { encodeStrict } from '@causeway/records';
import { createHash } from 'node:crypto';

import { SourceFault } from '../source-fault.ts';
import type { FindingNote, Moment, NativeSubject } from '../source.ts';
import type { XiaomiSettings } from './settings.ts';
import { weakSignature } from './weak-signature.ts';

/** The native code of a document; what has none is unknown to this system, which serves persons only. */
export const idTypes = { gb11643: '01', passport: '02' } as const;

/** A question ready to be posted, and what was left out of it. */
interface Question {
  readonly reqNo: string;
  readonly body: Uint8Array;
  readonly notes: readonly FindingNote[];
}

/**
 * The request number: 32 hex digits that follow from the inquiry, so that a retry is the same request. The
 * subject's number has no part in it. Request numbers travel in records, and whoever knows the inquiry could
 * find the number behind them by trying.
 */
export function requestNumber(inquiry: string): string {
  return createHash('sha256').update(`xiaomi ${inquiry}`, 'utf8').digest('hex').slice(0, 32);
}

/**
 * The form that asks for one person: by the native system's own key where the roster has one, else by
 * document. Undefined for a subject that this system cannot know.
 * @throws SourceFault `bad_request` where the key is none
 */
export function questionOf(
  subject: NativeSubject,
  at: Moment,
  settings: Pick<XiaomiSettings, 'key' | 'partner_id'>,
): Question | undefined {
  const { scheme, value } = subject.identifier;
  if (scheme === 'gb32100') return undefined;
  if (subject.handle !== undefined && !/^[!-~]{1,64}$/u.test(subject.handle)) {
    throw new SourceFault('bad_request', 'the roster has a handle that is no uid');
  }
  const name = writtenName(subject.name);
  const who =
    subject.handle === undefined
      ? { idType: idTypes[scheme], id: value, ...(name === undefined ? {} : { name }) }
      : { uid: subject.handle };
  const dropped = subject.handle === undefined && subject.name !== undefined && name === undefined;
  const reqNo = requestNumber(at.inquiry);
  const json = JSON.stringify({ ...who, authNo: at.inquiry });
  const fields = {
    partnerId: settings.partner_id,
    reqNo,
    ts: String(at.nowMs),
    ver: '1.0',
    data: Buffer.from(encodeStrict(json, 'gbk')).toString('base64'),
  };
  const form = new URLSearchParams({ ...fields, sign: weakSignature(fields, settings.key) });
  return { reqNo, body: Buffer.from(form.toString(), 'ascii'), notes: dropped ? [nameDropped] : [] };
}

const nameDropped: FindingNote = { field: 'name', what: 'dropped' };

/** The name as GBK can write it; a name that it cannot is left out, never written with other characters. */
function writtenName(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  try {
    encodeStrict(name, 'gbk');
    return name;
  } catch {
    return undefined;
  }
}
