import type { Clock } from '@causeway/kernel';
import { createBulkhead, type Bulkhead } from '@causeway/service';

const bounds = {
  concurrencyMax: 32,
  waitingMax: 256,
  perSecondMax: 500,
  failuresMax: 5,
  pauseMs: 1000,
} as const;

/**
 * One bulkhead per bureau, so that a slow or failing one costs the others nothing. Bounded by the directory.
 */
export function bulkheadPerBureau(clock: Clock): (bureau: string) => Bulkhead {
  const made = new Map<string, Bulkhead>();
  return (bureau) => {
    const known = made.get(bureau) ?? createBulkhead({ ...bounds, clock });
    made.set(bureau, known);
    return known;
  };
}
