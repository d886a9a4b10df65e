import { systemRandom } from '@causeway/kernel';
import { blindBatch, canaryUnder, finishBatch } from '@causeway/protocol/blind-batch';
import { evaluate, generateBlindKey } from '@causeway/protocol/blind-reference';
import { rounded } from '../statistics.ts';

const BATCH = 500;

/**
 * References per second of one core that does both sides' curve arithmetic: the bureau's, which blinds and
 * finishes, and the authority's, which evaluates. Without the network and the authority's ledger of budgets.
 */
export async function referencesPerSecond(count: number): Promise<number> {
  const key = generateBlindKey(systemRandom);
  const epoch = { epoch: '1', canary: canaryUnder(key, systemRandom) };
  const inputs = Array.from({ length: BATCH }, (_, n) => new TextEncoder().encode(`gb11643:bench-${n}`));
  const startedAt = performance.now();
  let done = 0;
  while (done < count) {
    const batch = blindBatch(inputs, systemRandom);
    const refs = finishBatch(inputs, batch, evaluate(key, batch.blinded), epoch);
    done += refs?.length ?? 0;
  }
  return rounded((done * 1000) / (performance.now() - startedAt), 0);
}
