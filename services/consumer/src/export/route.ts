import { Readable } from 'node:stream';
import type { App } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import { requireSession } from '../sessions/route.ts';
import { exportParts } from './parts.ts';
import { takePermit } from './permit.ts';

/** All that is here about a person, for the person who has just signed in for it, as one file. */
export function exportRoute(app: App, consumer: Consumer): void {
  app.get(
    '/v1/export',
    {
      schema: { tags: ['subject'], summary: 'All that is here about me, behind a step-up for it' },
      onRequest: requireSession(consumer),
    },
    async (request, reply) => {
      await takePermit(consumer, request.subjectRefs);
      const name = `causeway-${new Date(consumer.clock.now()).toISOString().slice(0, 10)}.json`;
      return reply
        .type('application/json; charset=utf-8')
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(Readable.from(textOf(consumer, request.subjectRefs)));
    },
  );
}

/**
 * The file, piece by piece: no more than a page of any part is in memory. What ends before its last brace was
 * cut off.
 */
async function* textOf(consumer: Consumer, refs: readonly string[]): AsyncGenerator<string, void> {
  yield `{"v":1,"made_at":${JSON.stringify(new Date(consumer.clock.now()).toISOString())}`;
  for (const [name, part] of Object.entries(exportParts)) {
    yield `,\n${JSON.stringify(name)}:[`;
    let comma = '';
    for await (const item of part(consumer, refs)) {
      yield `${comma}\n${JSON.stringify(item)}`;
      comma = ',';
    }
    yield ']';
  }
  yield '}\n';
}
