import { fastifySwagger } from '@fastify/swagger';
import apiReference from '@scalar/fastify-api-reference';

import type { App } from './app.ts';
import { baseApp } from './base-app.ts';
import type { BaseOptions } from './base-app.ts';
import { addMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { addHealthRoutes } from './readiness.ts';
import { plainServer } from './server.ts';

export interface PublicOptions extends BaseOptions {
  /** The service, as in `broker`. */
  readonly name: string;
  /** The title of its API description. */
  readonly title: string;
  readonly metrics: Metrics;
  /** Whether `/metrics` answers on this listener; false in production. */
  readonly exposeMetrics?: boolean | undefined;
}

/**
 * The listener for people and member systems. Routes are added to what it returns; `/openapi.json` (3.1),
 * `/docs`, `/livez`, `/readyz` and, where exposed, `/metrics` are there already.
 */
export async function publicApp(options: PublicOptions): Promise<App> {
  const app = baseApp(options, plainServer);
  await app.register(fastifySwagger, {
    openapi: { openapi: '3.1.1', info: { title: options.title, version: '1' } },
    // The description names the media types that the route really takes.
    transform: ({ schema, url, route }) => {
      const consumes = route.config?.consumes;
      return { schema: consumes === undefined ? schema : { ...schema, consumes: [...consumes] }, url };
    },
  });
  addHealthRoutes(app);
  addMetrics(app, options.metrics, options.exposeMetrics ?? true);
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  await app.register(apiReference, { routePrefix: '/docs' });
  return app;
}
