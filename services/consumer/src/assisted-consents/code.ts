import { open, seal } from '@causeway/service';
import type { DuePush } from '../channels/repository.ts';
import type { Message } from '../channels/message.ts';
import type { Consumer } from '../consumer.ts';
import type { AssistedRow } from '../acting-rows.ts';
import { findAssisted } from './repository.ts';

type Named = Pick<AssistedRow, 'subject_ref' | 'id'>;
type Part = 'code' | 'statement';

const aad = (part: Part, { id, subject_ref }: Named): string => `assisted ${part}:${subject_ref}:${id}`;

export const sealAssisted = (consumer: Consumer, part: Part, row: Named, text: string): Buffer =>
  seal(consumer.sealing, Buffer.from(text), aad(part, row), consumer.random);

export const openAssisted = (
  { sealing }: Pick<Consumer, 'sealing'>,
  part: Part,
  row: Named & Pick<AssistedRow, Part>,
): string => open(sealing, row[part], aad(part, row)).toString();

/** The code to be told over a channel, as long as it is good. */
export async function assistedCode(
  consumer: Consumer,
  { object, of_ref }: DuePush,
): Promise<Message | undefined> {
  const row = await findAssisted(consumer.db, of_ref, object);
  if (row === undefined || row.consent !== null || row.expires_ms <= consumer.clock.now()) return undefined;
  return { type: 'consent.assisted_code', code: openAssisted(consumer, 'code', row) };
}
