/**
 * How many inquiries may be between their grants and their answers at once. A grant must reach its bureau
 * within seconds, so nothing is redeemed that could not be asked at once. A slow bureau does not keep a
 * place: after `holdMs` the place is free for the next inquiry, however long the answer takes.
 */
export class Pace {
  readonly #holdMs: number;
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(options: { places: number; holdMs: number }) {
    this.#free = options.places;
    this.#holdMs = options.holdMs;
  }

  /** Runs `work` when there is a place, first come, first served. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let held = true;
    const leave = (): void => {
      if (!held) return;
      held = false;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
    const timer = setTimeout(leave, this.#holdMs);
    try {
      return await work();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }
}
