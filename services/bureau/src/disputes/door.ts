import { limits } from '@causeway/kernel';
import { CausewayError, verify } from '@causeway/protocol';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Bureau } from '../bureau.ts';
import { takeDispute, takeWithdrawal } from './receive.ts';

/** Characters of what a person writes. */
const textMax = 2000;
const body = Type.Object(
  {
    dispute: Type.String({ maxLength: limits.statementBytesMax }),
    text: Type.String({ minLength: 1, maxLength: textMax }),
  },
  { additionalProperties: false },
);

/** `POST /v1/disputes` on the federation listener: a subject's dispute, from the consumer service alone. */
export function disputeDoor(app: App, bureau: Bureau): void {
  app.post('/v1/disputes', { schema: { tags: ['federation'], body } }, async (request, reply) => {
    const view = bureau.directory.view();
    if (!view.member(request.peer)?.roles.includes('consumer')) throw new CausewayError('role_not_permitted');
    // It may have waited for this bureau: its once key, not its age, tells whether it is new.
    const statement = verify('dispute', request.body.dispute, {
      ...{ keys: view.keys, fed: bureau.fed, nowMs: bureau.clock.now(), audience: bureau.me },
      ...{ issuer: request.peer, received: 'forwarded' },
    });
    if (statement.claims.action === 'withdraw') await takeWithdrawal(bureau, statement);
    else await takeDispute(bureau, statement, request.body.text);
    return await reply.code(202).send({ taken: true });
  });
}
