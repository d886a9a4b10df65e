import { open, seal } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { DisputeRow } from '../tables.ts';

type Named = Pick<DisputeRow, 'subject_ref' | 'id'>;

const aad = ({ id, subject_ref }: Named): string => `dispute:${subject_ref}:${id}`;

/** What was written about a dispute, bound to it. */
export const sealWords = ({ random, sealing }: Consumer, row: Named, text: string): Buffer =>
  seal(sealing, Buffer.from(text), aad(row), random);

export const openWords = ({ sealing }: Consumer, row: Named, box: Uint8Array): string =>
  open(sealing, box, aad(row)).toString();
