import { timingSafeEqual } from 'node:crypto';
import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { openFor, sealFor, transaction } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { lockWholeSubject } from '../subjects/linked-refs.ts';
import type { ChannelRow } from '../tables.ts';
import { channelsOf, insertChannel, insertPush, pushToChannels, updateChannel } from './repository.ts';
import { type ChannelKind, checkTarget, masked } from './target.ts';
import { publicWebhookKey, webhookKey } from './webhook-key.ts';

const channelsMax = 3;
/** New ones of one person in a day: a form that writes to strangers must have an end. */
const newInADayMax = 5;
const dayMs = 86_400_000;
const codeLifeMs = 15 * 60_000;
const triesMax = 5;
const codeDigits = 8;

export interface ChannelView {
  readonly id: string;
  readonly kind: ChannelKind;
  /** As much of the address as who knows it needs. */
  readonly target: string;
  readonly status: 'unconfirmed' | 'confirmed';
  /** Of a webhook: what its messages are verified with (Standard Webhooks 1.0, v1a). */
  readonly public_key?: string;
}

/** A person's channels, and the kinds that this installation can serve. */
export async function listChannels(consumer: Consumer, refs: readonly string[]) {
  const nowMs = consumer.clock.now();
  const rows = (await channelsOf(consumer.db, refs)).filter((row) => stands(row, nowMs));
  const kinds: ChannelKind[] = consumer.mails ? ['email', 'webhook'] : ['webhook'];
  return { items: await Promise.all(rows.map(async (row) => await viewOf(consumer, row))), kinds };
}

/** Confirmed, or still waiting for its code. */
const stands = ({ confirmed_ms, created_ms, removed_ms }: ChannelRow, nowMs: number): boolean =>
  removed_ms === null && (confirmed_ms !== null || nowMs < created_ms + codeLifeMs);

/**
 * Takes an address and sends a code to it; nothing else is sent there before the person has brought the code
 * back. The channels that they have already are told. Throws `bad_request` for an address that nothing may be
 * sent to, `conflict` where there are three, and `rate_limited` after five new ones in a day.
 */
export async function addChannel(
  consumer: Consumer,
  subjectRef: string,
  asked: { readonly kind: ChannelKind; readonly target: string },
): Promise<ChannelView> {
  const { clock, db, random } = consumer;
  if (asked.kind === 'email' && !consumer.mails) {
    throw new CausewayError('bad_request', { detail: 'This portal sends no e-mail.', pointer: '/kind' });
  }
  const target = checkTarget(asked.kind, asked.target, onThisMachine(consumer));
  const row = await transaction(db, async (trx) => {
    const refs = await lockWholeSubject(trx, subjectRef);
    const nowMs = clock.now();
    const all = await channelsOf(trx, refs);
    if (all.filter((one) => stands(one, nowMs)).length >= channelsMax) {
      throw new CausewayError('conflict', { detail: 'You have three channels. Remove one first.' });
    }
    if (all.filter(({ created_ms }) => created_ms > nowMs - dayMs).length >= newInADayMax) {
      throw new CausewayError('rate_limited', { detail: 'Too many new channels today.' });
    }
    const named = { subject_ref: refs[0] ?? subjectRef, id: uuidv7(clock, random) };
    const key = await consumer.subjectKeys.of(named.subject_ref);
    const box = (part: string, text: string): Buffer => sealFor(key, text, aad(part, named), random);
    const boxes = { target: box('target', target), code: box('code', newCode(random.bytes(8))) };
    const fresh = { tries: 0, created_ms: nowMs, confirmed_ms: null, removed_ms: null };
    const made: ChannelRow = { ...named, kind: asked.kind, ...boxes, ...fresh };
    await insertChannel(trx, made);
    await insertPush(trx, made, 'code');
    return made;
  });
  // A crash after the commit loses only the answer: the code is sent all the same, and the list has it.
  return await viewOf(consumer, row);
}

/**
 * Confirms a channel with the code that was sent to it. Throws `not_found` for another person's, as for an
 * absent one, and `bad_request` for a wrong code; after five of those, or a quarter of an hour, the channel
 * is gone.
 */
export async function confirmChannel(
  consumer: Consumer,
  subjectRef: string,
  { code, id }: { readonly id: string; readonly code: string },
): Promise<ChannelView> {
  const { clock, db } = consumer;
  const confirmed = await transaction(db, async (trx) => {
    const refs = await lockWholeSubject(trx, subjectRef);
    const nowMs = clock.now();
    const row = (await channelsOf(trx, refs)).find((one) => one.id === id && stands(one, nowMs));
    if (row === undefined) throw new CausewayError('not_found');
    if (row.confirmed_ms !== null) return row;
    if (!timingSafeEqual(Buffer.from(await codeOf(consumer, row)), Buffer.from(code))) {
      const tries = row.tries + 1;
      await updateChannel(trx, row, { tries, ...(tries >= triesMax ? { removed_ms: nowMs } : {}) });
      return undefined;
    }
    await pushToChannels(trx, 'added', row.subject_ref, row.id);
    await updateChannel(trx, row, { confirmed_ms: nowMs });
    return { ...row, confirmed_ms: nowMs };
  });
  // Outside, or the try would not be counted.
  if (confirmed === undefined) {
    throw new CausewayError('bad_request', { detail: 'That is not the code.', pointer: '/code' });
  }
  return await viewOf(consumer, confirmed);
}

/** Removes a channel, and tells all of them, the removed one too. Throws `not_found` as `confirmChannel`. */
export async function removeChannel(consumer: Consumer, subjectRef: string, id: string): Promise<void> {
  const { clock, db } = consumer;
  await transaction(db, async (trx) => {
    const refs = await lockWholeSubject(trx, subjectRef);
    const row = (await channelsOf(trx, refs)).find((one) => one.id === id && one.removed_ms === null);
    if (row === undefined) throw new CausewayError('not_found');
    await pushToChannels(trx, 'removed', row.subject_ref, row.id);
    await updateChannel(trx, row, { removed_ms: clock.now() });
  });
}

/** Whether this portal is one on a machine of one's own, without TLS. */
export const onThisMachine = ({ publicUrl }: Pick<Consumer, 'publicUrl'>): boolean =>
  publicUrl.startsWith('http://localhost:');

type Named = Pick<ChannelRow, 'subject_ref' | 'id'>;
const aad = (part: string, { id, subject_ref }: Named): string => `channel ${part}:${subject_ref}:${id}`;

export const targetOf = async (
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  row: Named & Pick<ChannelRow, 'target'>,
): Promise<string> =>
  openFor(await subjectKeys.of(row.subject_ref), row.target, aad('target', row)).toString();

export const codeOf = async (
  { subjectKeys }: Pick<Consumer, 'subjectKeys'>,
  row: Named & Pick<ChannelRow, 'code'>,
): Promise<string> => openFor(await subjectKeys.of(row.subject_ref), row.code, aad('code', row)).toString();

/**
 * Eight digits; that some come up a little more often than others is below one in a hundred thousand
 * million.
 */
export function newCode(bytes: Uint8Array): string {
  const value = Buffer.from(bytes).readBigUInt64BE() % 10n ** BigInt(codeDigits);
  return String(value).padStart(codeDigits, '0');
}

async function viewOf(consumer: Consumer, row: ChannelRow): Promise<ChannelView> {
  const { confirmed_ms, id, kind } = row;
  return {
    ...{ id, kind, target: masked(kind, await targetOf(consumer, row)) },
    status: confirmed_ms === null ? 'unconfirmed' : 'confirmed',
    ...(kind === 'webhook' ? { public_key: publicWebhookKey(webhookKey(consumer.sealing, id)) } : {}),
  };
}
