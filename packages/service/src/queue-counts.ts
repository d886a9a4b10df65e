import type { Counter } from 'prom-client';

import type { Metrics } from './metrics.ts';

/** What all queues of a process count. */
export interface QueueCounts {
  /** Ids told, by queue and by what became of them. */
  readonly told: Counter<'queue' | 'answer'>;
  /** Jobs given up, by queue and reason. */
  readonly dead: Counter<'queue' | 'reason'>;
}

const known = new WeakMap<Metrics, QueueCounts>();

/** The counters of this registry, made at their first use. */
export function queueCounts(metrics: Metrics | undefined): QueueCounts | undefined {
  if (metrics === undefined) return undefined;
  const counts = known.get(metrics) ?? {
    told: metrics.counter(
      'queue_told_total',
      'Ids told to a queue: new, or absorbed by a job that is there',
      ['queue', 'answer'],
    ),
    dead: metrics.counter('queue_dead_total', 'Jobs given up', ['queue', 'reason']),
  };
  known.set(metrics, counts);
  return counts;
}
