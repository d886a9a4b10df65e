import { openFor, sealFor } from '@causeway/service';
import type { DuePush } from '../channels/repository.ts';
import type { Message } from '../channels/message.ts';
import type { Consumer } from '../consumer.ts';
import type { AssistedRow } from '../acting-rows.ts';
import { findAssisted } from './repository.ts';

type Named = Pick<AssistedRow, 'subject_ref' | 'id'>;
type Part = 'code' | 'statement';

const aad = (part: Part, { id, subject_ref }: Named): string => `assisted ${part}:${subject_ref}:${id}`;

export const sealAssisted = async (
  { random, subjectKeys }: Pick<Consumer, 'random' | 'subjectKeys'>,
  part: Part,
  row: Named,
  text: string,
): Promise<Buffer> => sealFor(await subjectKeys.of(row.subject_ref), text, aad(part, row), random);

export const openAssisted = async (
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  part: Part,
  row: Named & Pick<AssistedRow, Part>,
): Promise<string> => openFor(await subjectKeys.of(row.subject_ref), row[part], aad(part, row)).toString();

/** The code to be told over a channel, as long as it is good. */
export async function assistedCode(
  consumer: Consumer,
  { object, of_ref }: DuePush,
): Promise<Message | undefined> {
  const row = await findAssisted(consumer.db, of_ref, object);
  if (row === undefined || row.consent !== null || row.expires_ms <= consumer.clock.now()) return undefined;
  return { type: 'consent.assisted_code', code: await openAssisted(consumer, 'code', row) };
}
