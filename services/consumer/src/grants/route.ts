import { limits } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import Type from 'typebox';
import type { Consumer } from '../consumer.ts';
import { redeemAll } from './batch.ts';
import type { Redemptions } from './redemptions.ts';

const statement = Type.String({ maxLength: limits.statementBytesMax });
const member = Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' });
const nodes = Type.Array(member, { minItems: 1, maxItems: limits.bureausMax + 1, uniqueItems: true });
const item = Type.Object(
  { inquiry: statement, nodes: Type.Optional(nodes) },
  { additionalProperties: false },
);
const body = Type.Object(
  { items: Type.Array(item, { minItems: 1, maxItems: limits.batchItemsMax }) },
  { additionalProperties: false },
);

/** Throws `role_not_permitted` unless the peer is a broker. */
export function requireBroker(consumer: Consumer, peer: string): void {
  if (!consumer.directory().member(peer)?.roles.includes('broker'))
    throw new CausewayError('role_not_permitted');
}

/** Redemption: each item is decided by itself, and one that fails fails alone. */
export function grantRoutes(app: App, consumer: Consumer, redemptions: Redemptions): void {
  const bodyLimit = limits.batchItemsMax * limits.statementBytesMax;
  app.post('/v1/grants', { bodyLimit, schema: { tags: ['federation'], body } }, async (request) => {
    requireBroker(consumer, request.peer);
    const by = { presenter: request.peer, requestId: request.id };
    const results = await redeemAll(consumer, redemptions, request.body.items, by);
    return { results };
  });
}
