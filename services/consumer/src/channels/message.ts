import { purposes } from '@causeway/records';
import { sql } from 'kysely';
import { isShown } from '../accesses/repository.ts';
import type { Consumer } from '../consumer.ts';
import { assistedCode } from '../assisted-consents/code.ts';
import { refsOf } from '../subjects/linked-refs.ts';
import type { ChannelRow } from '../tables.ts';
import type { DuePush } from './repository.ts';
import { codeOf } from './service.ts';

/**
 * What is told: its type and, to confirm a channel or to agree with assistance, a code; never who, why or
 * about whom.
 */
export interface Message {
  readonly type: string;
  readonly code?: string;
  /** Of what comes again and again: where in the portal it is switched off. */
  readonly stop?: '/settings';
}

/**
 * What a push says at the moment it is sent; undefined where there is nothing to tell after all: a look of a
 * kind that is not told, or a channel that was removed.
 */
export async function messageOf(
  consumer: Consumer,
  push: DuePush,
  channel: ChannelRow,
): Promise<Message | undefined> {
  if (push.about === 'removed') return { type: 'channel.removed' };
  if (channel.removed_ms !== null) return undefined;
  switch (push.about) {
    case 'code':
      return channel.confirmed_ms === null
        ? { type: 'channel.confirmation', code: await codeOf(consumer, channel) }
        : undefined;
    case 'added':
      return { type: 'channel.added' };
    case 'passkey':
      return { type: 'passkey.changed' };
    case 'mandate':
      return { type: 'mandate.changed' };
    case 'assisted':
      return { type: 'consent.assisted' };
    case 'assisted_code':
      return await assistedCode(consumer, push);
    case 'reminder':
      return { type: 'consent.reminder', stop: '/settings' };
    case 'access':
      return await lookOf(consumer, push);
  }
}

/**
 * Told are refusals, whoever reads for the first time, and hard inquiries. First is who was not shown before:
 * a look that the subject does not know of makes nobody known to them.
 */
async function lookOf({ clock, db }: Consumer, { object, of_ref }: DuePush): Promise<Message | undefined> {
  const line = await db
    .selectFrom('access')
    .select(['at_ms', 'lender', 'outcome', 'purpose', 'seq', 'shown_from_ms'])
    .where('subject_ref', '=', of_ref)
    .where('id', '=', object)
    .where(isShown(clock.now()))
    .executeTakeFirst();
  if (line === undefined) return undefined;
  if (line.outcome === 'refused') return { type: 'history.refusal' };
  const refs = await refsOf(db, of_ref);
  const { rows } = await sql`
    SELECT FROM access WHERE subject_ref = ANY (${refs}::text[]) AND lender = ${line.lender}
      AND outcome = 'granted' AND seq <> ${line.seq} AND (coalesce(shown_from_ms, at_ms), seq)
        <= (${line.shown_from_ms ?? line.at_ms}::bigint, ${line.seq}::bigint) LIMIT 1`.execute(db);
  if (rows.length === 0) return { type: 'history.first_reader' };
  return kindOf(line.purpose) === 'hard' ? { type: 'history.hard_inquiry' } : undefined;
}

function kindOf(purpose: string): string | undefined {
  return Object.hasOwn(purposes, purpose) ? purposes[purpose as keyof typeof purposes].kind : undefined;
}
