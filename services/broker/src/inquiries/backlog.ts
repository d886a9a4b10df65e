import { CausewayError } from '@causeway/protocol';
import type { Lane } from '@causeway/service/queue';
import { type Kysely, sql } from 'kysely';

import type { BrokerTables } from '../tables.ts';

/** Accepted and unfinished inquiries beyond which no more are taken. */
interface Bounds {
  readonly frontMax: number;
  readonly backgroundMax: number;
}

/** More in front could not be answered before their deadlines. */
const usualBounds: Bounds = { frontMax: 10_000, backgroundMax: 100_000 };

/**
 * How much is accepted and not finished, measured by the sweeper. What could not be done in its time is
 * refused at the door, where it costs nothing, instead of being accepted and failed.
 */
export class Backlog {
  readonly #bounds: Bounds;
  #front = 0;
  #background = 0;

  constructor(bounds: Partial<Bounds> = {}) {
    this.#bounds = { ...usualBounds, ...bounds };
  }

  /**
   * @throws CausewayError unavailable (somebody waits), rate_limited (nobody does) while there is too much
   */
  admit(lane: Lane): void {
    const { backgroundMax, frontMax } = this.#bounds;
    if (lane === 'front' && this.#front >= frontMax) throw new CausewayError('unavailable');
    if (lane !== 'front' && this.#background >= backgroundMax) throw new CausewayError('rate_limited');
  }

  /** Counts, and no further than the bounds. */
  async measure(db: Kysely<BrokerTables>): Promise<void> {
    const { backgroundMax, frontMax } = this.#bounds;
    const { rows } = await sql<{ front: number; background: number }>`
      SELECT
        (SELECT count(*) FROM (SELECT FROM inquiry_outbox WHERE lane = 'front' LIMIT ${frontMax}) AS rows)
          AS front,
        (SELECT count(*) FROM (
          SELECT FROM inquiry_outbox WHERE lane IN ('monitoring', 'batch') LIMIT ${backgroundMax}
        ) AS rows) AS background
    `.execute(db);
    this.#front = rows[0]?.front ?? 0;
    this.#background = rows[0]?.background ?? 0;
  }
}
