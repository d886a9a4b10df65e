import { openFor, sealFor, type SubjectKey } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { OwnReportRow } from '../tables.ts';

/** `composed` is what the statement will be, before it is signed. */
type Part = 'composed' | 'proof' | 'report' | 'statement';
type Key = Pick<OwnReportRow, 'subject_ref' | 'id'>;

const aad = (part: Part, { id, subject_ref }: Key): string => `own report ${part}:${subject_ref}:${id}`;

/** A part of an own report as it is stored: under its subject's key, and bound to its row. */
export async function sealPart(
  { random, subjectKeys }: Pick<Consumer, 'random' | 'subjectKeys'>,
  part: Part,
  key: Key,
  text: string,
): Promise<Buffer> {
  return sealFor(await subjectKeys.of(key.subject_ref), text, aad(part, key), random);
}

export async function openPart(
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  part: Part,
  key: Key,
  box: Uint8Array,
): Promise<string> {
  return partUnder(await subjectKeys.of(key.subject_ref), part, key, box);
}

/** `openPart` with the subject's key at hand. */
export function partUnder(subjectKey: SubjectKey, part: Part, key: Key, box: Uint8Array): string {
  return openFor(subjectKey, box, aad(part, key)).toString();
}
