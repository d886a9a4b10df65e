import { createWorld } from '../test-world.ts';
import { sweepRecords } from './sweep.ts';

/** A process that sweeps at an instant and is killed on the way: argv are database url, spool, ms. */
const [url = '', spoolDir = '', nowMs = ''] = process.argv.slice(2);
const world = await createWorld({ url, ownerUrl: url, drop: async () => undefined }, {}, spoolDir);
world.clock.advance(Number(nowMs) - world.clock.now());
await sweepRecords(world.bureau);
