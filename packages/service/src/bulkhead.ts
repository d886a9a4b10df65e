import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol/errors';
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  CircuitState,
  ConsecutiveBreaker,
  bulkhead,
  circuitBreaker,
  handleWhen,
} from 'cockatiel';

export interface BulkheadOptions {
  /** Calls under way at once, and calls that may wait for a place. */
  readonly concurrencyMax: number;
  readonly waitingMax: number;
  /** Calls per second, with bursts of up to one second's worth. */
  readonly perSecondMax: number;
  /** Failures in a row that open the breaker, and the pause before one call may try again. */
  readonly failuresMax: number;
  readonly pauseMs: number;
  readonly clock: Clock;
}

export interface Bulkhead {
  /**
   * Runs a call within the bounds; `weight` is how many questions it asks, which is what the rate counts.
   * @throws CausewayError rate_limited (over the rate, or too many waiting), unavailable (breaker open)
   */
  run<T>(call: (signal: AbortSignal) => Promise<T>, weight?: number): Promise<T>;
  /**
   * Counts an answer that came but was not true, or not to the question: as many of them as failures within a
   * while open the breaker too.
   */
  blame(): void;
  /** True while the breaker lets no ordinary call through. */
  broken(): boolean;
}

/** A peer that has not answered wrongly for so long has a clean sheet. */
const forgivenMs = 30_000;

/**
 * Keeps one slow or failing peer from costing the others: a semaphore, a rate and a breaker around its calls.
 * Only failures of the peer itself (5xx codes, unknown errors) count for the breaker; a refusal is a healthy
 * answer.
 */
export function createBulkhead(options: BulkheadOptions): Bulkhead {
  const semaphore = bulkhead(options.concurrencyMax, options.waitingMax);
  const breaker = circuitBreaker(handleWhen(isPeerFault), {
    halfOpenAfter: options.pauseMs,
    breaker: new ConsecutiveBreaker(options.failuresMax),
  });
  const take = tokenBucket(options.perSecondMax, options.clock);
  const lies = new Lies(options);
  return {
    blame: () => lies.count(),
    broken: () => lies.many() || breaker.state === CircuitState.Open,
    run: async (call, weight = 1) => {
      if (lies.many()) throw new CausewayError('unavailable', { internal: 'breaker open: wrong answers' });
      if (!take(weight)) throw new CausewayError('rate_limited');
      try {
        return await semaphore.execute(
          async () => await breaker.execute(async ({ signal }) => await call(signal)),
        );
      } catch (error) {
        throw translate(error);
      }
    },
  };
}

/**
 * A peer that answered wrongly so often is left alone for a pause, and after it again at the next wrong
 * answer.
 */
class Lies {
  readonly #options: Pick<BulkheadOptions, 'clock' | 'failuresMax' | 'pauseMs'>;
  #count = 0;
  #lastAt = 0;

  constructor(options: Pick<BulkheadOptions, 'clock' | 'failuresMax' | 'pauseMs'>) {
    this.#options = options;
  }

  count(): void {
    const { clock, failuresMax } = this.#options;
    const now = clock.monotonic();
    if (now - this.#lastAt > forgivenMs) this.#count = 0;
    this.#count = Math.min(this.#count + 1, failuresMax);
    this.#lastAt = now;
  }

  many(): boolean {
    const { clock, failuresMax, pauseMs } = this.#options;
    return this.#count >= failuresMax && clock.monotonic() - this.#lastAt < pauseMs;
  }
}

function isPeerFault(error: unknown): boolean {
  return !(error instanceof CausewayError) || error.status >= 500;
}

function translate(error: unknown): unknown {
  if (error instanceof BulkheadRejectedError) return new CausewayError('rate_limited', { cause: error });
  if (error instanceof BrokenCircuitError) {
    return new CausewayError('unavailable', { internal: 'breaker open', cause: error });
  }
  return error;
}

function tokenBucket(perSecondMax: number, clock: Clock): (weight: number) => boolean {
  let tokens = perSecondMax;
  let filledAt = clock.monotonic();
  return (weight) => {
    const now = clock.monotonic();
    tokens = Math.min(perSecondMax, tokens + ((now - filledAt) * perSecondMax) / 1000);
    filledAt = now;
    if (tokens < weight) return false;
    tokens -= weight;
    return true;
  };
}
