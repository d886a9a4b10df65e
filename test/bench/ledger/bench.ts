import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Federation } from '@causeway/sandbox/federation';
import { Sequence } from '@causeway/sandbox/people/sequence';
import { freePortBase } from '@causeway/sandbox/test-federation';
import { prepareScene } from '../inquiry/scene.ts';
import { machine } from '../machine.ts';
import { rounded } from '../statistics.ts';
import { measureAppends } from './append.ts';
import { measureHistories } from './history.ts';
import { measureMerging } from './merge.ts';

export interface LedgerBenchOptions {
  readonly quick: boolean;
  /** Inquiries per second of the run that measures merging. */
  readonly rate: number;
  readonly tell: (line: string) => void;
}

const SIZES = {
  quick: {
    merge: { seconds: 6, warm: 100 },
    append: { small: 10_000, large: 250_000, settle: 5000, batches: 10, samples: 8 },
    history: { short: 1000, long: 10_000, pages: 60, samples: 5 },
    persons: 24,
  },
  full: {
    merge: { seconds: 30, warm: 1000 },
    append: { small: 10_000, large: 10_000_000, settle: 150_000, batches: 25, samples: 40 },
    history: { short: 1000, long: 100_000, pages: 500, samples: 5 },
    persons: 400,
  },
};

/**
 * How soon what was answered can be proven, and what a large ledger costs more than a small one: appending to
 * it, and reading a page of history with its proofs. `sizes` says how large.
 */
export async function ledgerBench({ quick, rate, tell }: LedgerBenchOptions) {
  const { append, history, merge, persons } = SIZES[quick ? 'quick' : 'full'];
  const sequence = new Sequence(1);
  const chance = (): number => sequence.next();
  const federated = await inFederation(tell, async (federation) => {
    const scene = await prepareScene(federation, persons, tell);
    const merged = await measureMerging(federation, { ...merge, scene, rate, chance }, tell);
    return { ...merged, ...(await measureHistories(federation, { ...history, scene, chance }, tell)) };
  });
  const { buffer_mb, fresh_ratio, large_ms, ratio, small_ms } = await measureAppends(append, tell);
  return {
    ...federated,
    ...{ append_ratio: rounded(ratio, 3), append_fresh_ratio: rounded(fresh_ratio, 3) },
    append_ms: { small: rounded(small_ms, 2), large: rounded(large_ms, 2), buffer_mb },
    sizes: { append: [append.small, append.large], history: [history.short, history.long], rate },
    machine: machine(),
  };
}

async function inFederation<T>(tell: (line: string) => void, work: (federation: Federation) => Promise<T>) {
  const home = mkdtempSync(join(tmpdir(), 'causeway-bench-'));
  const federation = await Federation.start({
    ...{ home, portBase: await freePortBase(), fsync: true, onProgress: tell },
  });
  try {
    return await work(federation);
  } finally {
    await federation.stop({ remove: true });
    rmSync(home, { recursive: true, force: true });
  }
}
