import { membersIn } from '@causeway/protocol/directory';
import type { App } from '@causeway/service';
import type { Consumer } from '../consumer.ts';

/** What members are called, for people who read their ids; the directory tells it to everybody. */
export function memberNameRoutes(app: App, consumer: Consumer): void {
  app.get(
    '/v1/member-names',
    { schema: { tags: ['public'], summary: 'The members by name' } },
    async (_request, reply) => {
      const items = membersIn(consumer.directory()).map(
        ({ id, legal_name, legal_name_zh, roles, status }) => ({
          ...{ id, legal_name, roles, status },
          ...(legal_name_zh === undefined ? {} : { legal_name_zh }),
        }),
      );
      return reply.header('cache-control', 'public, max-age=60').send({ items });
    },
  );
}
