import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@causeway/kernel';
import type { PlannedMember } from '../plan.ts';
import { type NativeKind, holdingsAt } from './holdings.ts';
import { startCcrc } from './ccrc/start-ccrc.ts';
import type { Holding, NativeSystem } from './native-system.ts';
import { startTencent } from './tencent/start-tencent.ts';
import { startXiaomi } from './xiaomi/start-xiaomi.ts';
import { startZhima } from './zhima/start-zhima.ts';

type Start = (holdings: readonly Holding[]) => Promise<NativeSystem>;

const starts: Readonly<Record<NativeKind, Start>> = {
  ccrc: (holdings) => startCcrc({ holdings, clock: systemClock, ownReason: 'B1' }),
  zhima: (holdings) => startZhima({ holdings, clock: systemClock }),
  tencent: (holdings) => startTencent({ holdings, clock: systemClock }),
  xiaomi: (holdings) => startXiaomi(holdings),
};

/** A native system that runs, and the file that tells the bureau before it how to reach it. */
export interface RunningNative {
  readonly system: NativeSystem;
  readonly settingsFile: string;
}

/** Starts the native system of each bureau that has one. */
export async function startNatives(
  home: string,
  bureaus: readonly PlannedMember[],
  started: (() => Promise<void>)[],
): Promise<ReadonlyMap<string, RunningNative>> {
  const running = new Map<string, RunningNative>();
  for (const { id, speaks } of bureaus) {
    if (speaks === undefined) continue;
    const system = await starts[speaks](holdingsAt(speaks));
    started.push(() => system.stop());
    running.set(id, { system, settingsFile: writeSettings(home, id, system) });
  }
  return running;
}

/** By the name of an agreement that nobody made: the people of the sandbox are told of everything. */
const NOTICE = 'sandbox-notice';

function writeSettings(home: string, bureau: string, { settings }: NativeSystem): string {
  const dir = join(home, 'sources');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `${bureau}.json`);
  writeFileSync(file, JSON.stringify({ ...settings, notice_id: NOTICE }), { mode: 0o600 });
  return file;
}
