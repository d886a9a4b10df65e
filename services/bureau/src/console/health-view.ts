import type { Clock } from '@causeway/kernel';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import type { SourceHealth } from '../sources/source.ts';
import type { BureauTables } from '../tables.ts';

const dayMs = 86_400_000;

interface Options {
  readonly db: Kysely<BureauTables>;
  readonly clock: Clock;
  readonly source: { readonly name: string; readonly health: (() => Promise<SourceHealth>) | undefined };
}

/**
 * How the bureau is: its source, how fresh its store is, and what came of the inquiries of a day. An answer
 * that is reserved and not yet given is under way, or was given up by whoever asked.
 */
export async function healthView({ clock, db, source }: Options) {
  const sinceMs = clock.now() - dayMs;
  const { rows } = await sql<{ state: string; outcome: string | null; n: number }>`
    SELECT state, outcome, count(*)::int AS n FROM answer WHERE reserved_ms >= ${sinceMs}
      GROUP BY state, outcome ORDER BY n DESC`.execute(db);
  const newest = await db
    .selectFrom('batch')
    .select((of) => of.fn.max('finished_ms').as('finished_ms'))
    .executeTakeFirst();
  const running = await db
    .selectFrom('batch')
    .select((of) => of.fn.countAll<number>().as('n'))
    .where('state', '=', 'running')
    .executeTakeFirst();
  const finishedMs = newest?.finished_ms ?? null;
  return {
    source: { name: source.name, ...(await source.health?.()) },
    ...(finishedMs === null ? {} : { last_batch_at: new Date(Number(finishedMs)).toISOString() }),
    running_batches: Number(running?.n ?? 0),
    answers: rows.map(({ n, outcome, state }) => ({ state, outcome: outcome ?? '', count: n })),
  };
}
