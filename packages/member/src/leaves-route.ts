import type { Clock } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import { exact } from '@causeway/protocol/claim-types';
import type { App } from '@causeway/service';
import type pg from 'pg';
import Type from 'typebox';

import { openingsMax, readOpenings } from './openings.ts';
import { requireRole } from './require-role.ts';

interface Ledger {
  readonly pool: pg.Pool;
  readonly clock: Clock;
  readonly members: () => DirectoryView;
}

const querystring = exact({
  from: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: openingsMax })),
});

/**
 * `GET /v1/leaves?from=<index>&limit=<1..1000>` on the federation listener: this node's openings, for the
 * reconciler and nobody else.
 */
export function leavesRoute(app: App, { clock, members, pool }: Ledger): void {
  app.get('/v1/leaves', { schema: { tags: ['federation'], querystring } }, async (request) => {
    requireRole(members(), request.peer, 'authority');
    const { from, limit = openingsMax } = request.query;
    return await readOpenings(pool, clock, { from, limit });
  });
}
