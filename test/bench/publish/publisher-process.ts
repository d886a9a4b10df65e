import { createHash } from 'node:crypto';
import { setTimeout as patience } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { createBatches } from '../../../services/bureau/src/publishing/batches.ts';
import { storeMapping } from '../../../services/bureau/src/publishing/mappings.ts';
import { findBatch } from '../../../services/bureau/src/publishing/repository.ts';
import { createWorld } from '../../../services/bureau/src/test-world.ts';
import { accountsInput, accountsMapping, knownReference, type Subjects } from './accounts-input.ts';

/**
 * The publishing side of a bureau as a process of its own: `node publisher-process.ts <database url>`.
 * For each line of its input, the subjects of a file, it publishes that file and tells what it came to.
 */
const url = process.argv[2] ?? '';
const world = await createWorld({ url, ownerUrl: url, drop: async () => undefined });
const waitMs = 100;
let startedAt = 0;
const batches = createBatches({
  ...world.bureau,
  references: async (identifiers) => identifiers.map((each) => [knownReference(each)]),
  spool: {
    ...world.bureau.spool,
    // Whoever reads the spool has received the whole file: from here on it is mapped and loaded.
    read: (name, offset) => {
      startedAt = performance.now();
      return world.bureau.spool.read(name, offset);
    },
  },
});
const mapping = await storeMapping(world.bureau, accountsMapping(world.bureau.me));

async function publish(subjects: Subjects): Promise<object> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of accountsInput(subjects)) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  const receivedAt = performance.now();
  const digest = hash.digest();
  let batch = await batches.publish(mapping, accountsInput(subjects), digest);
  // A long one is answered while it runs.
  while (batch.state === 'running') {
    await patience(waitMs);
    batch = (await findBatch(world.bureau.db, batch.digest, mapping)) ?? batch;
  }
  const endedAt = performance.now();
  return {
    ...{ rows: batch.accepted, rejected: batch.rejected, bytes },
    receive_s: (startedAt - receivedAt) / 1000,
    load_s: (endedAt - startedAt) / 1000,
    rss_mb: process.resourceUsage().maxRSS / 1024,
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await publish(JSON.parse(line) as Subjects))}\n`);
}
await world.close();
