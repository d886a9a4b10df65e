import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from './pids.ts';

/**
 * Takes a home for this process. Two commands on one home would start the same services twice.
 *
 * @returns how to give it back
 * @throws Error naming the process that holds it
 */
export function lockHome(home: string): () => void {
  const file = join(home, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      // A crash after this leaves a lock of a process that is gone, which the next start takes over.
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return () => rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const holder = Number(readFileSync(file, 'utf8'));
      if (holder > 0 && holder !== process.pid && isRunning(holder)) {
        throw new Error(`a federation already runs in ${home} (process ${holder}); stop it first`, {
          cause: error,
        });
      }
      rmSync(file, { force: true });
    }
  }
  throw new Error(`the lock of ${home} could not be taken`);
}
