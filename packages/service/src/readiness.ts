import { CausewayError, problem } from '@causeway/protocol';

import type { App } from './app.ts';

/** One condition of readiness: true when it holds. A throw counts as false. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

declare module 'fastify' {
  interface FastifyInstance {
    /** Adds a named condition to `/readyz`. */
    addReadiness: (name: string, check: ReadinessCheck) => void;
  }
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
  app.get('/livez', { schema: { tags: ['health'] } }, async () => ({ status: 'live' }));
  app.get('/readyz', { schema: { tags: ['health'] } }, async (request, reply) => {
    const results = await Promise.all(
      [...checks].map(async ([name, check]) => [name, await holds(check)] as const),
    );
    const failing = results.filter(([, ok]) => !ok).map(([name]) => name);
    if (failing.length === 0) return { status: 'ready', checks: Object.fromEntries(results) };
    const document = problem(new CausewayError('not_ready'), request.id);
    reply.code(document.status).header('retry-after', '1').type('application/problem+json');
    return { ...document, failing };
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
