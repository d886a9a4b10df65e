import type { Clock } from '@causeway/kernel';

import type { NativeObject } from './native-json.ts';

const rememberedMs = 86_400_000;

interface Transaction {
  readonly at: number;
  readonly answer: NativeObject;
}

/** The gateway's memory of what it has answered and charged. */
export class Transactions {
  /** Answers that were charged. */
  charged = 0;
  private readonly held = new Map<string, Transaction>();
  private readonly clock: Clock;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** The first answer of a transaction; 'expired' a day after it; undefined where there was none. */
  replay(id: string): NativeObject | 'expired' | undefined {
    const known = this.held.get(id);
    if (known === undefined) return undefined;
    return this.clock.now() - known.at > rememberedMs ? 'expired' : known.answer;
  }

  charge(id: string, answer: NativeObject): void {
    this.charged += 1;
    this.held.set(id, { at: this.clock.now(), answer });
  }
}
