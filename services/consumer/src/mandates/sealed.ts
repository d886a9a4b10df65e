import { open, seal } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { MandateRow } from '../acting-rows.ts';

type Named = Pick<MandateRow, 'subject_ref' | 'id'>;
type Part = 'names' | 'statement' | 'evidence' | 'end_statement';

/** How the two of a mandate call each other. */
export interface Names {
  readonly subject: string;
  readonly agent: string;
}

const aad = (part: Part, { id, subject_ref }: Named): string => `mandate ${part}:${subject_ref}:${id}`;

export const sealPart = (consumer: Consumer, part: Part, row: Named, text: string): Buffer =>
  seal(consumer.sealing, Buffer.from(text), aad(part, row), consumer.random);

export const openPart = (
  { sealing }: Pick<Consumer, 'sealing'>,
  part: Part,
  row: Named,
  box: Uint8Array,
): string => open(sealing, box, aad(part, row)).toString();

export const namesOf = (consumer: Pick<Consumer, 'sealing'>, row: MandateRow): Names =>
  JSON.parse(openPart(consumer, 'names', row, row.names)) as Names;
