import { CausewayError, sha256Digest, sign, verify } from '@causeway/protocol';
import type { DisputeStatement, Digest, UnsignedClaims, Verified } from '@causeway/protocol';
import { PeerFailure } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { World } from '../test-world.ts';
import { sendDisputes } from './send.ts';
import { takeHandling, type SentStep } from './take-handling.ts';

/** A bureau as the consumer service meets it: it verifies what comes, and really signs its steps. */
export class TestBureau {
  readonly consumer: Consumer;
  readonly received: { dispute: Verified<DisputeStatement>; text: string }[] = [];
  /** What it does with the next dispute. */
  behaviour: 'takes' | 'away' | 'refuses' = 'takes';
  readonly #world: World;

  constructor(world: World, by: Consumer = world.consumer) {
    this.#world = world;
    this.consumer = { ...by, federation: { call: async ({ body }) => this.#take(body) as never } };
  }

  #take(body: unknown): { taken: boolean } {
    if (this.behaviour === 'away') throw new PeerFailure('unreachable');
    if (this.behaviour === 'refuses') throw new CausewayError('conflict');
    const { dispute, text } = body as { dispute: string; text: string };
    const { clock, directory, fed } = this.consumer;
    const context = { keys: directory().keys, fed, nowMs: clock.now(), audience: 'any' };
    const statement = verify('dispute', dispute, { ...context, received: 'forwarded' });
    this.received.push({ dispute: statement, text });
    return { taken: true };
  }

  async deliver(): Promise<void> {
    await sendDisputes(this.consumer);
  }

  /** A step of this bureau, signed; a test may spoil it. */
  step(
    dispute: Digest,
    step: number,
    event: UnsignedClaims<'handling'>['event'],
    more: Partial<UnsignedClaims<'handling'>> & { text?: string; by?: string } = {},
  ): SentStep {
    const { by = 'central', text, ...claims } = more;
    const exp = Math.floor(this.consumer.clock.now() / 1000) + 86_400;
    const said = text === undefined ? {} : { text_digest: sha256Digest(text) };
    const handling = sign(
      'handling',
      { aud: 'consumer', exp, dispute, step, event, ...said, ...claims },
      this.#world.by(by),
    ).jws;
    return { handling, ...(text === undefined ? {} : { text }) };
  }

  async tell(sent: SentStep, by = 'central') {
    return await takeHandling(this.consumer, sent, by);
  }
}
