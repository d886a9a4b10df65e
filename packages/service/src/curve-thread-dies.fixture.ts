import { parentPort } from 'node:worker_threads';

/** Test program: a thread that dies of its first task. */
parentPort?.once('message', () => {
  throw new Error('dies');
});
