import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import type { App } from './app.ts';

/**
 * One registry per service process. Labels are routes, codes and member ids, never anything about a subject.
 */
export interface Metrics {
  readonly registry: Registry;
  counter<L extends string>(name: string, help: string, labels: readonly L[]): Counter<L>;
  /** `read` is called whenever somebody looks. */
  gauge(name: string, help: string, read: () => number): void;
  /** As `gauge`, one for each value of a label. */
  gauges(name: string, help: string, label: string, read: () => ReadonlyMap<string, number>): void;
  histogram<L extends string>(name: string, help: string, labels: readonly L[]): Histogram<L>;
}

/** Buckets in seconds, from an in-memory answer to the longest wait a client may ask for. */
const secondsBuckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30];

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    counter: (name, help, labels) =>
      new Counter({ name, help, labelNames: [...labels], registers: [registry] }),
    gauge: (name, help, read) => {
      const gauge: Gauge = new Gauge({ name, help, registers: [registry], collect: () => gauge.set(read()) });
    },
    gauges: (name, help, label, read) => {
      const gauge: Gauge = new Gauge({
        ...{ name, help, labelNames: [label], registers: [registry] },
        collect: () => {
          gauge.reset();
          for (const [value, n] of read()) gauge.set({ [label]: value }, n);
        },
      });
    },
    histogram: (name, help, labels) =>
      new Histogram({ name, help, labelNames: [...labels], buckets: secondsBuckets, registers: [registry] }),
  };
}

/** Measures each request by its route pattern, and serves the registry where `expose` says so. */
export function addMetrics(app: App, metrics: Metrics, expose: boolean): void {
  const times = metrics.histogram('http_request_seconds', 'Time to answer a request', [
    'route',
    'method',
    'status',
  ]);
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none';
    times.observe(
      { route, method: request.method, status: String(reply.statusCode) },
      reply.elapsedTime / 1000,
    );
  });
  if (!expose) return;
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    reply.type(metrics.registry.contentType).serializer((text: string) => text);
    return await metrics.registry.metrics();
  });
}
