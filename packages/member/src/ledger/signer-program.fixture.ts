import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { noFaults, systemClock } from '@causeway/kernel';
import { noteSigner } from '@causeway/ledger';
import { createDatabase, createLog } from '@causeway/service';

import { createIntegrator } from './integrator.ts';

/**
 * A signer as a process of its own, of the database in its first argument. Before it signs for the first time
 * it says so, inside its transaction, and stands still for a moment, so that it can be suspended there.
 */
const log = createLog({ name: 'signer', level: 'silent' });
const { pool } = createDatabase({ url: process.argv[2] ?? '', name: 'signer', log });
let said = false;
const say = (text: string): void => void writeSync(1, `${text}\n`);

const integrator = createIntegrator({
  pool,
  signer: noteSigner('causeway/test/broker', 'note', new Uint8Array(32).fill(7)),
  clock: systemClock,
  faults: noFaults,
  maySign: (size) => {
    if (size !== undefined && !said) {
      said = true;
      say('signing');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    }
    return true;
  },
});
for (;;) {
  const signed = await integrator.integrate().catch(() => 'failed');
  if (signed !== 0) say(`${signed}`);
  await pause(20);
}
