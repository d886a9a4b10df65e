import type { FaultPoint } from '@causeway/kernel';

/**
 * What happens at a point: `kill` ends the process as a power cut would, `stop` suspends it (SIGSTOP) until
 * it is continued, `hold` lets only what came to the point wait there, `report` does nothing but tell.
 */
export type Act = 'kill' | 'stop' | 'hold' | 'report';

/** One strike at one point: the first `skip` arrivals pass, the next `times` are struck. */
export interface Strike {
  readonly id: number;
  readonly point: FaultPoint;
  readonly act: Act;
  readonly skip: number;
  readonly times: number;
}

/** How the process's time differs from the machine's, in milliseconds. */
export interface Time {
  /** The wall clock alone is ahead, or behind. */
  readonly shift: number;
  /** So much more time has passed, by the wall clock and the monotonic one. */
  readonly passed: number;
}

/** What the sandbox tells the agent over the process's IPC channel; each order is answered with `done`. */
export type Order = { readonly order: number } & (
  | { readonly arm: Strike }
  /** Strikes no more, and lets go what is held. */
  | { readonly disarm: number }
  | { readonly goOn: number }
  | { readonly time: Time }
);

/** An order before it has its number. */
export type Wish = Order extends infer O ? (O extends Order ? Omit<O, 'order'> : never) : never;

export type Report = { readonly done: number } | { readonly struck: number };

/** With what the agent begins, before the first line of the service runs. */
export interface Beginning {
  readonly time: Time;
  readonly strikes: readonly Strike[];
}
