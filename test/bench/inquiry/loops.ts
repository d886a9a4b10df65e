import { setTimeout as wait } from 'node:timers/promises';

/** What a loop of questions came to. */
export interface Measured {
  /** Questions answered, and the seconds from the first question to the last answer. */
  readonly done: number;
  readonly seconds: number;
  /** Of each answered question; in the open loop from the moment at which it was due. */
  readonly latenciesMs: readonly number[];
}

/** Asks `total` questions, `inFlight` at any time: the most that the answering side can take. */
export async function closedLoop(
  total: number,
  inFlight: number,
  ask: (n: number) => Promise<void>,
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) {
      const n = next;
      next += 1;
      const askedAt = performance.now();
      await ask(n);
      latenciesMs.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return { done: latenciesMs.length, seconds: (performance.now() - startedAt) / 1000, latenciesMs };
}

/** Asks at a fixed rate, whether or not earlier questions have been answered. */
export async function openLoop(
  total: number,
  perSecond: number,
  ask: (n: number) => Promise<void>,
): Promise<Measured> {
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  const pending: Promise<void>[] = [];
  for (let n = 0; n < total; n += 1) {
    const dueAt = startedAt + (n * 1000) / perSecond;
    const early = dueAt - performance.now();
    if (early > 0) await wait(early);
    pending.push(ask(n).then(() => void latenciesMs.push(performance.now() - dueAt)));
  }
  await Promise.all(pending);
  return { done: latenciesMs.length, seconds: (performance.now() - startedAt) / 1000, latenciesMs };
}
