import pg from 'pg';

type Callback = (error: Error | undefined, client: pg.PoolClient | undefined, done: () => void) => void;

/** Callers that may wait, for each connection. While none comes free for a second, one is enough. */
const waitingPerConnection = 20;
const stuckMs = 1000;

/**
 * A pool with a bound on who waits for a connection: one more is told at once that there is none, instead of
 * being kept in memory to be told so later. A database that stands still is noticed within a second, and from
 * then on hardly anybody waits.
 */
export class BoundedPool extends pg.Pool {
  readonly #connectionsMax: number;
  #moved = false;
  #stuck = false;
  #watch: NodeJS.Timeout | undefined;

  constructor(config: pg.PoolConfig & { max: number }) {
    super(config);
    this.#connectionsMax = config.max;
    this.on('acquire', () => {
      this.#moved = true;
      this.#stuck = false;
    });
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | void {
    if (this.waitingCount >= this.#connectionsMax * (this.#stuck ? 1 : waitingPerConnection)) {
      if (callback === undefined) return Promise.reject(tooMany());
      return callback(tooMany(), undefined, () => undefined);
    }
    this.#watch ??= setInterval(() => this.#look(), stuckMs).unref();
    return callback === undefined ? super.connect() : super.connect(callback);
  }

  #look(): void {
    this.#stuck = this.waitingCount > 0 && !this.#moved;
    this.#moved = false;
    if (this.waitingCount > 0) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}

/** As the server would say it, had it been asked: `too_many_connections`. */
function tooMany(): Error {
  return Object.assign(new Error('too many wait for a connection'), { code: '53300' });
}
