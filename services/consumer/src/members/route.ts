import type { App } from '@causeway/service';
import type { Consumer } from '../consumer.ts';

const named = ['lender', 'bureau', 'broker', 'consumer', 'authority'] as const;

/** What members are called, for people who read their ids; the directory tells it to everybody. */
export function memberRoutes(app: App, consumer: Consumer): void {
  app.get(
    '/v1/members',
    { schema: { tags: ['public'], summary: 'The members by name' } },
    async (_request, reply) => {
      const directory = consumer.directory();
      const members = new Map(
        named.flatMap((role) => directory.membersWith(role)).map((entry) => [entry.id, entry]),
      );
      const items = [...members.values()].map(({ id, legal_name, legal_name_zh, status }) => ({
        ...{ id, legal_name, status },
        ...(legal_name_zh === undefined ? {} : { legal_name_zh }),
      }));
      return reply.header('cache-control', 'public, max-age=60').send({ items });
    },
  );
}
