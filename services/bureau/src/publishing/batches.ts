import { CausewayError } from '@causeway/protocol';
import type { Digest, Signed } from '@causeway/protocol';
import type { Mapping } from '@causeway/records/publishing/index';
import { setTimeout as patience } from 'node:timers/promises';

import type { Bureau } from '../bureau.ts';
import { signBatch } from './batch-statement.ts';
import { loadMapping } from './mappings.ts';
import { receiveFile } from './receive-file.ts';
import type { ReceivedFile } from './receive-file.ts';
import type { Batch } from './repository.ts';
import { acceptBatch, findBatch, reopenBatch, replaceSpool, runningBatches } from './repository.ts';
import { runBatch } from './run-batch.ts';
import type { Upload } from './uploads.ts';

/** How long an upload waits for its own end before it answers "running". */
const waitMsMax = 240_000;

export interface Batches {
  /**
   * Receives a file and takes it into the store; a file that was taken before is answered from the record,
   * unless an epoch of references has come since: then it is taken again. `upload`: who of the staff brings
   * it, where it is no system of the bureau.
   */
  publish(
    mapping: string,
    body: AsyncIterable<Uint8Array>,
    expected: Uint8Array,
    upload?: Upload,
  ): Promise<Batch>;
  /** Takes up what earlier runs have left unfinished. */
  resume(): Promise<void>;
  /** Removes spool files that nothing needs; before the first file is received. */
  sweep(): Promise<void>;
}

/** The batches of this process: one run each, whoever asks. */
export function createBatches(bureau: Bureau): Batches {
  const runs = new Map<string, Promise<void>>();
  const run = async (batch: Batch): Promise<void> => {
    const key = `${batch.digest} ${batch.mapping}`;
    const running = runs.get(key) ?? complete(bureau, batch).finally(() => runs.delete(key));
    runs.set(key, running);
    await running;
  };
  return {
    publish: async (mapping, body, expected, upload) =>
      await publish(bureau, run, { mapping, body, expected, ...(upload && { upload }) }),
    resume: async () => {
      for (const batch of await runningBatches(bureau.db)) await run(batch);
    },
    sweep: async () => {
      const running = await runningBatches(bureau.db);
      await bureau.spool.sweep(new Set(running.map(({ spool }) => spool)));
    },
  };
}

async function complete(bureau: Bureau, batch: Batch): Promise<void> {
  try {
    await runBatch(bureau, await reload(bureau, batch));
  } catch (error) {
    // Another process may have finished the batch and removed its file.
    if ((await reload(bureau, batch)).state !== 'complete') throw error;
  }
  const { lines, accepted, rejected, state, spool } = await reload(bureau, batch);
  if (state !== 'complete') return;
  // A crash here leaves the sealed file of a complete batch: the sweep at the next start removes it.
  await bureau.spool.remove(spool);
  bureau.log.info({ event: 'batch_complete', digest: batch.digest, lines, accepted, rejected });
}

interface Sent {
  readonly mapping: string;
  readonly body: AsyncIterable<Uint8Array>;
  readonly expected: Uint8Array;
  readonly upload?: Upload;
}

async function publish(bureau: Bureau, run: (batch: Batch) => Promise<void>, sent: Sent): Promise<Batch> {
  const mapping = await loadMapping(bureau, sent.mapping);
  const file = await receiveFile(bureau.spool, mapping, sent.body, sent.expected);
  const key = { digest: file.digest, mapping: sent.mapping as Batch['mapping'] };
  const received = { ...file, ...key, nowMs: bureau.clock.now() };
  const signed = await signReceived(bureau, mapping, received);
  await acceptBatch(bureau.db, received, signed, sent.upload);
  await reopenBatch(bureau.db, received, epochsNow(bureau));
  // A crash here leaves a running batch and its sealed file: `resume` takes it from its last chunk.
  const batch = await keepOneCopy(bureau, await reload(bureau, key), file.spool);
  if (batch.state === 'complete') return batch;
  const giveUp = new AbortController();
  try {
    await Promise.race([run(batch), patience(waitMsMax, undefined, { signal: giveUp.signal })]);
  } finally {
    giveUp.abort();
  }
  return await reload(bureau, batch);
}

/** What cannot be signed is not taken: nothing of it stays in the spool. */
async function signReceived(bureau: Bureau, mapping: Mapping, received: Received): Promise<Signed<'batch'>> {
  try {
    return signBatch(bureau, mapping, received);
  } catch (error) {
    await bureau.spool.remove(received.spool);
    throw error;
  }
}

type Received = ReceivedFile & { readonly mapping: Digest; readonly nowMs: number };

/** The epochs in which records are to be found; none where no directory says so. */
function epochsNow({ directory }: Bureau): string[] {
  try {
    return (directory.view().references?.epochs ?? []).map(({ epoch }) => epoch);
  } catch {
    return [];
  }
}

/** Of a file that was sent before, one copy is enough: the one that the batch names, unless it is gone. */
async function keepOneCopy(bureau: Bureau, batch: Batch, copy: string): Promise<Batch> {
  if (batch.spool === copy) return batch;
  if (batch.state === 'complete' || (await bureau.spool.has(batch.spool))) {
    await bureau.spool.remove(copy);
    return batch;
  }
  await replaceSpool(bureau.db, batch, copy);
  return await reload(bureau, batch);
}

async function reload(
  bureau: Bureau,
  { digest, mapping }: { digest: string; mapping: string },
): Promise<Batch> {
  const batch = await findBatch(bureau.db, digest, mapping);
  if (batch === undefined) throw new CausewayError('not_found');
  return batch;
}
