import type { FaultPoint } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import type { Armed } from '@causeway/sandbox/faults/process-faults';
import type { Sequence } from '@causeway/sandbox/people/sequence';
import type { ServiceProcess } from '@causeway/sandbox/service-process';

/** End the process (SIGKILL), suspend it (SIGSTOP) and continue, or cut its network while it stands there. */
export type How = 'kill' | 'stop' | 'cut';

/** One strike at one process when it comes to a point, as it was planned. */
interface Planned {
  readonly process: string;
  readonly point: FaultPoint;
  readonly how: How;
  /** Arrivals that pass first. */
  readonly skip: number;
  /** How long it is down, suspended, or without a network. */
  readonly pauseMs: number;
  /** The network loses bytes without telling, instead of breaking connections. */
  readonly silently: boolean;
}

/** A point, the processes that come to it, and how often each way each of them is struck. */
export interface Target {
  readonly point: FaultPoint;
  readonly processes: readonly string[];
  readonly times: Readonly<Record<How, number>>;
}

const SKIP_MAX = 3;
const STARTS_MAX = 5;
/** Longer than a grant may travel, and than a broker's hold on a bureau's row. */
const LONG_MS = 6000;
/** Under load a point is come to many times in a second. */
const HIT_MS_MAX = 120_000;
/** A process that nobody comes to in this time has lost its share of the connections to its twin. */
const SHARE_MS = 3000;

/**
 * Strikes in random order; where and how long is drawn here, so that a seed repeats it whatever happens. Of
 * each kind only a share, where less than all is asked for, and among its kills one at each point at least.
 */
export function plan(targets: readonly Target[], sequence: Sequence, share = 1): Planned[] {
  const strikes = targets.flatMap(({ point, processes, times }) =>
    processes.flatMap((process) =>
      (Object.entries(times) as [How, number][]).flatMap(([how, count]) =>
        Array.from({ length: count }, () => drawn({ process, point, how }, sequence)),
      ),
    ),
  );
  const all = shuffled(strikes, sequence);
  return share < 1 ? all.filter(sharedOut(all, share)) : all;
}

function sharedOut(all: readonly Planned[], share: number): (one: Planned) => boolean {
  const chosen = (['kill', 'stop', 'cut'] as const).flatMap((how) => {
    const kind = all.filter((one) => one.how === how);
    const firsts = new Map(kind.toReversed().map((one) => [one.point, one]));
    const isFirst = (one: Planned): boolean => how === 'kill' && firsts.get(one.point) === one;
    const ordered = [...kind.filter(isFirst), ...kind.filter((one) => !isFirst(one))];
    return ordered.slice(0, Math.max(how === 'kill' ? firsts.size : 1, Math.ceil(kind.length * share)));
  });
  const set = new Set(chosen);
  return (one) => set.has(one);
}

function drawn(at: Pick<Planned, 'process' | 'point' | 'how'>, sequence: Sequence): Planned {
  const long = at.how === 'stop' && sequence.chance(0.25);
  return {
    ...at,
    skip: sequence.between(0, SKIP_MAX),
    pauseMs: long ? LONG_MS : sequence.between(0, at.how === 'kill' ? 300 : 1500),
    silently: sequence.chance(0.5),
  };
}

/** Each process suffers its strikes in turn, all processes at once. Returns how many of each kind. */
export async function strike(
  federation: Federation,
  planned: readonly Planned[],
): Promise<Record<How, number>> {
  const done = { kill: 0, stop: 0, cut: 0 };
  const processes = [...new Set(planned.map(({ process }) => process))];
  await Promise.all(
    processes.map(async (process) => {
      for (const each of planned.filter((one) => one.process === process)) {
        await strikeOnce(federation, each);
        done[each.how] += 1;
      }
    }),
  );
  return done;
}

async function strikeOnce(federation: Federation, planned: Planned): Promise<void> {
  const { how, pauseMs, point, skip } = planned;
  const process = federation.process(planned.process);
  const act = how === 'cut' ? 'hold' : how;
  const armed = await process.faults.arm(point, { act, skip });
  await within(armed, planned, () => connectAnew(federation, planned));
  if (how === 'cut') await withoutNetwork(federation, planned);
  else await pause(pauseMs);
  if (how === 'kill') await startAgain(process);
  else await armed.goOn();
}

/** Whoever starts while another's network is cut may not get up; an operator starts it again. */
export async function startAgain(process: ServiceProcess): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await process.start();
    } catch (error) {
      if (attempt === STARTS_MAX) throw error;
    }
  }
}

async function within(armed: Armed, { point, process }: Planned, share: () => void): Promise<void> {
  const patience = new AbortController();
  const late = pause(HIT_MS_MAX, patience.signal).then(() => {
    throw new Error(`${process} did not come to ${point} in time`);
  });
  const sharing = setInterval(share, SHARE_MS);
  try {
    await Promise.race([armed.hit, late]);
  } catch (error) {
    await armed.disarm();
    throw error;
  } finally {
    clearInterval(sharing);
    patience.abort();
  }
}

/** Whoever holds connections to the member makes new ones, which are spread over its processes. */
function connectAnew(federation: Federation, { process }: Planned): void {
  for (const link of federation.links.listeners(memberOf(federation, process))) link.cut();
}

function memberOf(federation: Federation, process: string): string {
  return federation.process(process).program.env['CAUSEWAY_MEMBER'] ?? process;
}

/** Breaks what connects the process with anybody: its stores, its listeners, and all listeners it calls. */
async function withoutNetwork(
  federation: Federation,
  { pauseMs, process, silently }: Planned,
): Promise<void> {
  const { links } = federation;
  const own = [...links.stores(process), ...links.listeners(memberOf(federation, process))];
  const called = ['consumer', ...federation.card.bureaus].flatMap((each) => links.listeners(each));
  const touched = new Set([...own, ...called]);
  if (silently) {
    for (const link of touched) link.set({ blackHole: true });
    await pause(pauseMs);
    for (const link of touched) link.set();
  }
  for (const link of touched) link.cut();
}

function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => clearTimeout(timer));
  });
}

function shuffled<T>(items: readonly T[], sequence: Sequence): T[] {
  return items
    .map((item) => ({ item, order: sequence.next() }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ item }) => item);
}
