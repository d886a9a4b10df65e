import { openFor, sealFor } from '@causeway/service';
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

type Keys = Pick<Consumer, 'subjectKeys'>;

/** Under the key of the one who is acted for: with them goes what was done for them. */
export const sealPart = async (
  { random, subjectKeys }: Keys & Pick<Consumer, 'random'>,
  part: Part,
  row: Named,
  text: string,
): Promise<Buffer> => sealFor(await subjectKeys.of(row.subject_ref), text, aad(part, row), random);

export const openPart = async ({ subjectKeys }: Keys, part: Part, row: Named, box: Buffer): Promise<string> =>
  openFor(await subjectKeys.of(row.subject_ref), box, aad(part, row)).toString();

export const namesOf = async (keys: Keys, row: MandateRow): Promise<Names> =>
  JSON.parse(await openPart(keys, 'names', row, row.names)) as Names;
