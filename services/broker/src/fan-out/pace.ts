/** Where work waits for its turn. */
export interface Paced {
  /** Runs `work` when there is a place, first come, first served. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

interface Options {
  readonly places: number;
  /** Of the places, what the background may hold at once. */
  readonly backgroundMax: number;
  readonly holdMs: number;
}

/**
 * How many inquiries may be between their grants and their answers at once. A grant must reach its bureau
 * within seconds, so nothing is redeemed that could not be asked at once. A slow bureau does not keep a
 * place: after `holdMs` the place is free for the next inquiry, however long the answer takes. What waits in
 * front is served first, and the background never holds so many places that the front has none to take.
 */
export class Pace {
  readonly #options: Options;
  readonly #waiting = { front: [] as (() => void)[], background: [] as (() => void)[] };
  #free: number;
  #inBackground = 0;

  readonly front: Paced = { run: async (work) => await this.#run('front', work) };
  readonly background: Paced = { run: async (work) => await this.#run('background', work) };

  constructor(options: Options) {
    this.#options = options;
    this.#free = options.places;
  }

  async #run<T>(side: 'front' | 'background', work: () => Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => {
      this.#waiting[side].push(resolve);
      this.#serve();
    });
    let held = true;
    const leave = (): void => {
      if (!held) return;
      held = false;
      this.#free += 1;
      if (side === 'background') this.#inBackground -= 1;
      this.#serve();
    };
    const timer = setTimeout(leave, this.#options.holdMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }

  #serve(): void {
    while (this.#free > 0) {
      const next = this.#waiting.front.shift() ?? this.#nextInBackground();
      if (next === undefined) return;
      this.#free -= 1;
      next();
    }
  }

  #nextInBackground(): (() => void) | undefined {
    if (this.#inBackground >= this.#options.backgroundMax) return undefined;
    const next = this.#waiting.background.shift();
    if (next !== undefined) this.#inBackground += 1;
    return next;
  }
}
