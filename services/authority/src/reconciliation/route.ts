import type { Clock } from '@causeway/kernel';
import { type DirectoryView, nodesIn } from '@causeway/protocol/directory';
import type { App } from '@causeway/service/app';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import { type Position, allPositions, readFound } from './repository.ts';

interface ReconciliationDeps {
  readonly db: Kysely<AuthorityTables>;
  readonly directory: { readonly view: () => Pick<DirectoryView, 'membersWith'> };
  readonly clock: Clock;
}

/** A ledger that was not read through to a moment as near as this is behind, milliseconds. */
const behindMs = 10_000;
/** Alarms in one answer, the newest; how many there are is told beside. */
const alarmsMax = 500;

/**
 * `GET /v1/reconciliation`: how far every ledger was read, and what was found. Public, as the ledgers are: it
 * holds digests of statements that nobody can guess, and nothing about a person.
 */
export function reconciliationRoute(app: App, deps: ReconciliationDeps): void {
  app.get('/v1/reconciliation', { schema: { tags: ['reconciliation'] } }, async (_request, reply) => {
    reply.header('cache-control', 'no-cache');
    return await reconciliationState(deps, alarmsMax);
  });
}

/** How far every ledger was read and what was found, with at most so many alarms, the newest. */
export async function reconciliationState({ clock, db, directory }: ReconciliationDeps, limit: number) {
  const known = new Map((await allPositions(db)).map((position) => [position.member, position]));
  const { alarms, counts } = await readFound(db, limit);
  const since = clock.now() - behindMs;
  const members = nodesIn(directory.view()).map(({ id, status }) => ({
    member: id,
    status,
    ...stateOf(known.get(id), since),
  }));
  const { alarms: alarms_total, closed, paired, waiting } = counts;
  const alarms_open = alarms_total - closed;
  return { members, legs: { paired }, inquiries: { waiting }, alarms_total, alarms_open, alarms };
}

function stateOf(position: Position | undefined, since: number) {
  const { next = 0, read_at_ms = null, read_through_ms = null, size = 0 } = position ?? {};
  const behind = (read_through_ms ?? 0) < since;
  return { position: next, size, read_at_ms, read_through_ms, behind };
}
