import type { Clock } from '@causeway/kernel';
import { hotQuery } from '@causeway/service';
import type { Log } from '@causeway/service';
import type pg from 'pg';

interface Options {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly log: Log;
}

/** How the promise that issuing a statement makes is kept: its leaf gets a proof within a minute. */
export interface MergeState {
  /** For how long the oldest statement without a proof has waited, milliseconds; 0 where none waits. */
  readonly unmergedMs: number;
  /** How often in a row the tree could not be made. */
  readonly failures: number;
}

/** The promised delay between a statement and the signed tree that holds it. */
const mergeMsMax = 60_000;
/** One look alone may fall into a step of the clock. */
const looksMin = 2;
/** A store that is away for a moment fails a few times. */
const failuresMin = 5;

/** The leaf that is next in turn, placed or staged: of those the oldest, but for what came at once. */
const oldest = {
  name: 'oldest_unmerged',
  text: `SELECT least(
      (SELECT at_ms FROM leaf
        WHERE idx >= COALESCE((SELECT size FROM ledger_checkpoint ORDER BY size DESC LIMIT 1), 0)
        ORDER BY idx LIMIT 1),
      (SELECT at_ms FROM leaf_staging ORDER BY id LIMIT 1)) AS since`,
};

/**
 * Says when statements stay without a proof for longer than was promised, and when the tree fails again and
 * again: each once in the log when it begins and when it ends.
 */
export class MergeWatch {
  readonly #options: Options;
  #unmergedMs = 0;
  #lateLooks = 0;
  #failures = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  state(): MergeState {
    return { unmergedMs: this.#unmergedMs, failures: this.#failures };
  }

  /** Looks at what is stored now. */
  async look(): Promise<void> {
    const { clock, pool } = this.#options;
    const [row] = await hotQuery<{ since: number | null }>(pool, oldest, []);
    const since = row?.since ?? null;
    this.#unmergedMs = since === null ? 0 : Math.max(0, clock.now() - since);
    const wasLate = this.#isLate();
    this.#lateLooks = this.#unmergedMs >= mergeMsMax ? this.#lateLooks + 1 : 0;
    if (this.#isLate() === wasLate) return;
    const reason = wasLate
      ? 'all are in a signed tree'
      : 'statements stay without their place in a signed tree';
    this.#tell('ledger_unmerged', !wasLate, reason);
  }

  /** Counts how making the tree ends, and passes on what it returns or throws. */
  async counted<T>(integrate: () => Promise<T>): Promise<T> {
    try {
      const done = await integrate();
      if (this.#failures >= failuresMin) this.#tell('integration_failing', false, 'the tree grows again');
      this.#failures = 0;
      return done;
    } catch (error) {
      this.#failures += 1;
      if (this.#failures === failuresMin)
        this.#tell('integration_failing', true, 'the tree could not be made several times in a row');
      throw error;
    }
  }

  /** For `/readyz`: it stops no node, since a stop must be taken at any time. */
  detail(): { ok: boolean; detail: string } {
    if (this.#failures >= failuresMin)
      return { ok: false, detail: 'Making the tree over the ledger fails again and again.' };
    if (this.#isLate())
      return { ok: false, detail: 'A statement has been without a proof for longer than a minute.' };
    return { ok: true, detail: 'Statements get their proof within the promised minute.' };
  }

  #isLate(): boolean {
    return this.#lateLooks >= looksMin;
  }

  #tell(event: string, alarm: boolean, reason: string): void {
    this.#options.log.error({ event, alarm, ms: this.#unmergedMs, count: this.#failures, reason });
  }
}
