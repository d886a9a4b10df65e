import type { Consumer } from '../consumer.ts';
import { inLanes } from '../lanes.ts';
import type { ChannelRow } from '../tables.ts';
import type { SendMail } from './mail.ts';
import { type Message, messageOf } from './message.ts';
import { postWebhook } from './post-webhook.ts';
import { channelsOf, type DuePush, endPush, sentSince, takePushes } from './repository.ts';
import { onThisMachine, targetOf } from './service.ts';
import { webhookHeaders, webhookKey } from './webhook-key.ts';

const takenMax = 32;
/** About a day, at growing distances. */
const attemptsMax = 72;
const hourMs = 3_600_000;
/** A channel is no way to flood anybody: the history has every line, whatever is told. */
const sentInAnHourMax = 20;

/**
 * Sends what is due over people's channels, in whichever process. What is taken by nobody is tried again
 * for a day; what a killed process has sent and not marked is sent again under the same id.
 */
export async function deliverPushes(consumer: Consumer, mail: SendMail | undefined): Promise<void> {
  const due = await takePushes(consumer.db, consumer.clock.now(), takenMax);
  await inLanes(due, async (push) => await deliver(consumer, mail, push));
}

async function deliver(consumer: Consumer, mail: SendMail | undefined, push: DuePush): Promise<void> {
  const { clock, db, log } = consumer;
  const channel = (await channelsOf(db, [push.subject_ref])).find(({ id }) => id === push.channel);
  const message = channel === undefined ? undefined : await messageOf(consumer, push, channel);
  if (channel === undefined || message === undefined || (await isFlooded(consumer, push))) {
    return await endPush(db, push, 'nothing', clock.now());
  }
  try {
    await send(consumer, mail, { push, channel, message });
  } catch (err) {
    log.info({ event: 'push_not_taken', push: push.id, kind: channel.kind, attempts: push.attempts, err });
    if (push.attempts >= attemptsMax) await endPush(db, push, 'failed', clock.now());
    return;
  }
  // A crash here sends it once more, under the same id.
  await endPush(db, push, 'sent', clock.now());
}

async function isFlooded({ clock, db }: Consumer, push: DuePush): Promise<boolean> {
  if (push.about !== 'access') return false;
  return (await sentSince(db, push, clock.now() - hourMs)) >= sentInAnHourMax;
}

async function send(
  consumer: Consumer,
  mail: SendMail | undefined,
  { channel, message, push }: { push: DuePush; channel: ChannelRow; message: Message },
): Promise<void> {
  const target = await targetOf(consumer, channel);
  if (channel.kind === 'email') {
    if (mail === undefined) throw new Error('this installation sends no mail');
    return await mail(target, push.id, message);
  }
  const nowMs = consumer.clock.now();
  const { code, stop, type } = message;
  const data = {
    id: push.object,
    ...(code === undefined ? {} : { code }),
    ...(stop === undefined ? {} : { stop: `${consumer.publicUrl}${stop}` }),
  };
  const body = JSON.stringify({ type, timestamp: new Date(nowMs).toISOString(), data });
  const key = webhookKey(consumer.sealing, channel.id);
  const headers = webhookHeaders(key, { id: push.id, atSeconds: Math.floor(nowMs / 1000), body });
  await postWebhook(target, { headers, body }, onThisMachine(consumer));
}
