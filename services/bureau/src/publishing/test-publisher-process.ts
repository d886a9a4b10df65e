import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';

import { createWorld } from '../test-world.ts';
import { createBatches } from './batches.ts';

/**
 * A process that publishes one file and is killed on the way: argv are database url, spool, mapping, file.
 */
const [url = '', spoolDir = '', mapping = '', file = ''] = process.argv.slice(2);
const world = await createWorld({ url, ownerUrl: url, drop: async () => undefined }, {}, spoolDir);
const digest = createHash('sha256').update(readFileSync(file)).digest();
await createBatches(world.bureau).publish(mapping, createReadStream(file), digest);
