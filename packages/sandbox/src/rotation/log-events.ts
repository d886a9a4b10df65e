import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Federation } from '../federation.ts';

const PATIENCE_MS = 90_000;
const LOOK_MS = 100;

/** Waits until a process of the federation has logged this event, about this digest, since the mark. */
export async function logged(
  federation: Federation,
  member: string,
  { event, digest, since }: { event: string; digest: string; since: number },
): Promise<void> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  const isIt = (line: string): boolean =>
    line.includes(`"event":"${event}"`) && line.includes(`"digest":"${digest}"`);
  while (!logOf(federation, member).slice(since).split('\n').some(isIt)) {
    if (performance.now() > giveUpAt) throw new Error(`${member} has not logged ${event} for ${digest}`);
    await wait(LOOK_MS);
  }
}

/** Where the log of a process ends now. */
export const logMark = (federation: Federation, member: string): number => logOf(federation, member).length;

const logOf = (federation: Federation, member: string): string =>
  readFileSync(federation.process(member).logFile, 'latin1');
