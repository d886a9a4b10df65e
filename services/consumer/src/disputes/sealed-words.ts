import type { Random } from '@causeway/kernel';
import { openFor, sealFor, type SubjectKey } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { DisputeRow } from '../tables.ts';

type Named = Pick<DisputeRow, 'subject_ref' | 'id'>;

const aad = ({ id, subject_ref }: Named): string => `dispute:${subject_ref}:${id}`;

/** What was written about a dispute, under its subject's key and bound to it. */
export const sealWords = async (
  { random, subjectKeys }: Pick<Consumer, 'random' | 'subjectKeys'>,
  row: Named,
  text: string,
): Promise<Buffer> => wordsUnder(await subjectKeys.of(row.subject_ref), row, text, random);

/** `sealWords` with the subject's key at hand. */
export const wordsUnder = (key: SubjectKey, row: Named, text: string, random: Random): Buffer =>
  sealFor(key, text, aad(row), random);

export const openWords = async (
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  row: Named,
  box: Uint8Array,
): Promise<string> => openFor(await subjectKeys.of(row.subject_ref), box, aad(row)).toString();
