/**
 * The sandbox's agent in a service process: Node loads it before the service (`--import`), it leaves its
 * faults where the service looks for them, and it can shift the process's clock. Its address says which
 * process started it, so that it does nothing in any other one: not in children that inherit Node's
 * arguments, and not where somebody else loads it.
 */
import type { Faults } from '@causeway/kernel';
import type { Beginning, Order, Report, Strike, Time } from './agent-messages.ts';

const parameters = new URL(import.meta.url).searchParams;

/** Strikes not yet used up, in the order in which they were armed. */
const armed: { strike: Strike; skip: number; times: number }[] = [];
const held = new Map<number, (() => void)[]>();
let time: Time = { shift: 0, passed: 0 };

if (Number(parameters.get('sandbox')) === process.ppid && process.channel) {
  const beginning = JSON.parse(parameters.get('beginning') ?? '') as Beginning;
  time = beginning.time;
  for (const strike of beginning.strikes) arm(strike);
  replaceClocks();
  const faults: Faults = { at };
  Reflect.set(globalThis, Symbol.for('causeway.sandbox.faults'), faults);
  process.on('message', (order: Order) => {
    obey(order);
    report({ done: order.order });
  });
  // The service lives as long as it wants to, and what waits here does not wait for a sandbox that has gone.
  process.on('disconnect', () => [...held.keys()].forEach(letGo));
  process.channel.unref();
}

function obey(order: Order): void {
  if ('arm' in order) arm(order.arm);
  else if ('time' in order) time = order.time;
  else if ('goOn' in order) letGo(order.goOn);
  else {
    const place = armed.findIndex(({ strike }) => strike.id === order.disarm);
    if (place >= 0) armed.splice(place, 1);
    letGo(order.disarm);
  }
}

function arm(strike: Strike): void {
  armed.push({ strike, skip: strike.skip, times: strike.times });
}

function at(point: string): Promise<void> | void {
  const next = armed.find(({ strike }) => strike.point === point);
  if (next === undefined) return;
  if (next.skip > 0) {
    next.skip -= 1;
    return;
  }
  next.times -= 1;
  if (next.times === 0) armed.splice(armed.indexOf(next), 1);
  return suffer(next.strike);
}

function suffer({ act, id }: Strike): Promise<void> | void {
  // The message is in the socket when this returns: whoever reads it learns of it even from the dead.
  report({ struck: id });
  if (act === 'report') return;
  if (act === 'hold') {
    return new Promise((resolve) => held.set(id, [...(held.get(id) ?? []), resolve]));
  }
  process.kill(process.pid, act === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  // A signal may be taken by another thread: not one more line of the service runs before it has come.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
}

function letGo(id: number): void {
  const waiting = held.get(id) ?? [];
  held.delete(id);
  for (const goOn of waiting) goOn();
}

/** What this process reads as the time; its timers stay those of the machine. */
function replaceClocks(): void {
  const monotonic = performance.now.bind(performance);
  performance.now = () => monotonic() + time.passed;
  const Real = Date;
  const now = (): number => Real.now() + time.shift + time.passed;
  globalThis.Date = new Proxy(Real, {
    construct: (target, parts, made) =>
      Reflect.construct(target, parts.length === 0 ? [now()] : parts, made) as Date,
    apply: () => new Real(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)) as unknown,
  });
}

function report(message: Report): void {
  // Nobody may be there any more to be told.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}
