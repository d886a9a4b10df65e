import { fork } from 'node:child_process';
import { writeSync } from 'node:fs';
import type { Faults } from '@causeway/kernel';

/**
 * Test program: comes to one point again and again, and writes what it does to its log (standard error). With
 * `CHILD` it asks a child that inherits Node's arguments whether the agent acts there too.
 */
const say = (line: string): void => void writeSync(2, `${line}\n`);
const faults = Reflect.get(globalThis, Symbol.for('causeway.sandbox.faults')) as Faults | undefined;
const monotonic = (): number => performance.timeOrigin + performance.now();
const clock = (): string => [Date.now(), new Date().getTime(), monotonic()].join(' ');

if (process.argv[2] === 'child') {
  say(`child: agent ${faults === undefined ? 'inert' : 'at work'}`);
  process.disconnect();
} else {
  say(`agent ${faults === undefined ? 'inert' : 'at work'}, clock ${clock()}`);
  process.stdout.write('{"event":"listening"}\n');
  if (process.env['CHILD'] !== undefined) fork(process.argv[1] ?? '', ['child']);
  if (process.env['ENDS'] === undefined) await comeAgainAndAgain();
}

async function comeAgainAndAgain(): Promise<void> {
  setInterval(() => say(`tick ${clock()}`), 10);
  for (let n = 1; ; n += 1) {
    say(`before ${n}`);
    await faults?.at('bureau-asked');
    say(`after ${n}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
