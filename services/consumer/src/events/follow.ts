import { uuidv7 } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { eventChunk } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import {
  enterFollower,
  eventsAfter,
  leaveFollower,
  presentPosition,
  stayFollower,
  type EventPosition,
  type SubjectEvent,
} from './repository.ts';

/** A stream ends after this; the reader comes back with its last event id. */
export const streamMsMax = 300_000;
/** Looks without a hint. */
const lookMs = 2000;
const heartbeatMs = 10_000;
const leaseMs = 30_000;
const followersMax = 4;
const pageMax = 100;
/**
 * After a hint the event comes to light once older transactions have ended: looked for at these distances.
 */
const soonMs = [20, 40, 80, 160, 320];

interface Following {
  /** All references of the subject, as long as the session lives; undefined from its end on. */
  readonly refs: () => Promise<readonly string[] | undefined>;
  readonly since: EventPosition | undefined;
}

/** A place among all who follow a subject, as long as it is held. */
export interface Place {
  readonly refs: readonly string[];
  readonly id: string;
}

/**
 * Takes a place for one more stream of this subject.
 * @throws CausewayError rate_limited: four follow already, in all processes together
 */
export async function takePlace(consumer: Consumer, refs: readonly string[]): Promise<Place> {
  const { clock, db, random } = consumer;
  const place = { refs, id: uuidv7(clock, random) };
  const nowMs = clock.now();
  if (await enterFollower(db, { ...place, untilMs: nowMs + leaseMs }, nowMs, followersMax)) return place;
  throw new CausewayError('rate_limited', { detail: 'Too many pages follow at once. Close one.' });
}

/**
 * The events of a subject as text/event-stream chunks, thin: type, state and id. It ends with the session,
 * with the reader, or when the stream is old. Nothing of anybody else is ever read for it.
 */
export async function* followSubject(
  consumer: Consumer,
  { refs: stillRefs, since }: Following,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { clock, db } = consumer;
  const endsMs = clock.monotonic() + streamMsMax;
  try {
    let position = since ?? (await presentPosition(db));
    yield `retry: ${lookMs}\n: open\n\n`;
    let spokeMs = clock.monotonic();
    const soon: number[] = [];
    while (!signal.aborted && clock.monotonic() < endsMs) {
      const refs = await stillRefs();
      if (refs === undefined) return;
      // Listens before it looks: what comes between is heard.
      const hint = nextHint(consumer, refs, soon.shift() ?? lookMs, signal);
      const events = await eventsAfter(db, refs, position, pageMax);
      for (const event of events) yield chunkOf(event);
      position = events.at(-1) ?? position;
      if (events.length > 0) soon.length = 0;
      if (events.length > 0 || clock.monotonic() - spokeMs > heartbeatMs) {
        if (events.length === 0) yield ': waiting\n\n';
        spokeMs = clock.monotonic();
        await stayFollower(db, { ...place, untilMs: clock.now() + leaseMs });
      }
      if (events.length < pageMax && (await hint) === true) soon.splice(0, soon.length, ...soonMs);
    }
  } finally {
    await leaveFollower(db, place.refs, place.id);
  }
}

const chunkOf = ({ object, seq, state, type, xact }: SubjectEvent): string =>
  eventChunk(`${xact}-${seq}`, type, { type, state, id: object });

/** True at a hint about any of these references; undefined when the time is over or the reader is gone. */
async function nextHint(
  { waiters }: Consumer,
  refs: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<true | undefined> {
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const hint = await Promise.race(refs.map((ref) => waiters.next(ref, timeoutMs, until)));
  done.abort();
  return hint;
}
