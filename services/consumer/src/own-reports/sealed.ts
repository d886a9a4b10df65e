import { open, seal } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { OwnReportRow } from '../tables.ts';

/** `composed` is what the statement will be, before it is signed. */
type Part = 'composed' | 'proof' | 'report' | 'statement';
type Key = Pick<OwnReportRow, 'subject_ref' | 'id'>;

const aad = (part: Part, { id, subject_ref }: Key): string => `own report ${part}:${subject_ref}:${id}`;

/** A part of an own report as it is stored: bound to its row, so that it cannot be moved to another. */
export function sealPart(
  { random, sealing }: Pick<Consumer, 'random' | 'sealing'>,
  part: Part,
  key: Key,
  text: string,
): Buffer {
  return seal(sealing, Buffer.from(text), aad(part, key), random);
}

export function openPart(
  { sealing }: Pick<Consumer, 'sealing'>,
  part: Part,
  key: Key,
  box: Uint8Array,
): string {
  return open(sealing, box, aad(part, key)).toString();
}
