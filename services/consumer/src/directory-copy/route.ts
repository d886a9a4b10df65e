import type { App } from '@causeway/service';
import type { Consumer } from '../consumer.ts';

/**
 * The directory as this service has it, in the form in which clients keep it: root files, head and entries.
 * Whoever reads it checks it from the anchor down, so that it does not matter who hands it out.
 */
export function directoryCopyRoute(app: App, consumer: Consumer): void {
  app.get(
    '/v1/directory',
    { schema: { tags: ['public'], summary: 'The directory, to be verified under the anchor' } },
    async (_request, reply) => {
      const { entries, head, roots } = consumer.directory().evidence;
      return reply.header('cache-control', 'no-cache').send({ roots, head, entries });
    },
  );
}
