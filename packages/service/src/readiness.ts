import { CausewayError, problem } from '@causeway/protocol';

import type { App } from './app.ts';

/** One condition of readiness: true when it holds. A throw counts as false. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

/** How something outside this node is; one public sentence, without a value in it. */
export type HealthDetail = () => Promise<{ readonly ok: boolean; readonly detail: string }>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Adds a named condition to `/readyz`. */
    addReadiness: (name: string, check: ReadinessCheck) => void;
    /** Adds what `/readyz` tells beside its conditions: of what does not stop this node. */
    addHealthDetail: (name: string, read: HealthDetail) => void;
    /** What `/readyz` tells, for who looks from within. */
    health: () => Promise<Health>;
  }
}

interface Health {
  /** Each condition, and whether it holds now. */
  readonly checks: Readonly<Record<string, boolean>>;
  readonly details: Readonly<Record<string, { readonly ok: boolean; readonly detail: string }>>;
}

const checkMsMax = 2000;

/**
 * `/livez` says that the process answers; `/readyz` that all its conditions hold now, and names those that do
 * not.
 */
export function addHealthRoutes(app: App): void {
  const checks = new Map<string, ReadinessCheck>();
  app.decorate('addReadiness', (name: string, check: ReadinessCheck) => {
    checks.set(name, check);
  });
  const details = new Map<string, HealthDetail>();
  app.decorate('addHealthDetail', (name: string, read: HealthDetail) => {
    details.set(name, read);
  });
  app.get('/livez', { schema: { tags: ['health'] } }, async () => ({ status: 'live' }));
  app.decorate('health', async () => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await holds(check)] as const),
    );
    const told = await Promise.all([...details].map(async ([name, read]) => [name, await read()] as const));
    return { checks: Object.fromEntries(results), details: Object.fromEntries(told) };
  });
  app.get('/readyz', { schema: { tags: ['health'] } }, async (request, reply) => {
    const { checks: results, details: told } = await app.health();
    const failing = Object.keys(results).filter((name) => results[name] !== true);
    const beside = details.size === 0 ? {} : { details: told };
    if (failing.length === 0) return { status: 'ready', checks: results, ...beside };
    const document = problem(new CausewayError('not_ready'), request.id);
    reply.code(document.status).header('retry-after', '1').type('application/problem+json');
    return { ...document, failing, ...beside };
  });
}

async function holds(check: ReadinessCheck): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), checkMsMax);
  try {
    return await Promise.race([Promise.resolve(check()), promise]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
