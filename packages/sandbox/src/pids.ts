import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** True while a process with this id runs; a zombie that nobody has reaped counts as gone. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return !/^\d+ \(.*\) Z/s.test(readProc(pid, 'stat'));
}

/** The command line of a process with its arguments separated by spaces; empty where it cannot be read. */
export function commandLine(pid: number): string {
  return readProc(pid, 'cmdline').replaceAll('\0', ' ').trim();
}

/** Sends the signal to one process; a process that has gone meanwhile is no error. */
export function signalPid(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves to true once the process has gone, or to false after `timeoutMs`. */
export async function goneWithin(pid: number, timeoutMs: number): Promise<boolean> {
  const until = performance.now() + timeoutMs;
  while (isRunning(pid)) {
    if (performance.now() >= until) return false;
    await wait(10);
  }
  return true;
}

/** Until a process stands still or has gone, or for `timeoutMs`: it may have been continued since. */
export async function suspended(pid: number, timeoutMs: number): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (/^\d+ \(.*\) [^TZ]/s.test(readProc(pid, 'stat')) && performance.now() < until) await wait(5);
}

function readProc(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
