import type { Clock } from '@causeway/kernel';
import type { LeafOpening } from '@causeway/ledger';
import { digestSchema, exact, memberIdSchema } from '@causeway/protocol/claim-types';
import { hotQuery } from '@causeway/service';
import type { HotStatement } from '@causeway/service';
import type pg from 'pg';
import Type from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

/** Openings in one answer. */
export const openingsMax = 1000;
/** Bytes of one answer, at most: a thousand openings, each far below one kilobyte but for a status. */
export const openingsBytesMax = 8_388_608;

const index = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const orNull = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const openingSchema = exact({
  idx: index,
  typ: Type.String({ pattern: '^[a-z][a-z-]{0,39}$' }),
  digest: digestSchema,
  inquiry: orNull(digestSchema),
  use: orNull(index),
  iss: memberIdSchema,
  /** Members' ids; a status has several, with a space between. */
  aud: Type.String({ pattern: '^[a-z][a-z0-9 -]{0,4095}$' }),
  at_ms: index,
  outcome: orNull(Type.String({ maxLength: 100 })),
});

/** A placed leaf's opening and its index. */
export type Opening = Static<typeof openingSchema>;

/** A page of a ledger's openings, in the order of their indexes. */
const openingsSchema = exact({
  /** Leaves in the tree. */
  size: index,
  /**
   * For how long the oldest leaf without a place has waited for one, milliseconds; 0 where none waits.
   * Whatever was committed longer ago than that has its place below `size`.
   */
  lag_ms: index,
  leaves: Type.Array(openingSchema, { maxItems: openingsMax }),
});

export type Openings = Static<typeof openingsSchema>;

const compiled = Compile(openingsSchema);

/** A page as another node sent it. @throws RangeError where it is none */
export function parseOpenings(received: unknown): Openings {
  if (compiled.Check(received)) return received;
  throw new RangeError('not a page of openings');
}

interface Row extends LeafOpening {
  readonly size: number;
  readonly waiting: number | null;
  /** Null in the one row of an empty page. */
  readonly idx: number | null;
}

/** One statement and so one snapshot: what has left the staging table is in the tree of this size. */
const read: HotStatement = {
  name: 'read_openings',
  text: `SELECT state.size, state.waiting, leaf.*
    FROM (SELECT size, (SELECT min(at_ms) FROM leaf_staging) AS waiting FROM ledger_state) AS state
    LEFT JOIN LATERAL (
      SELECT idx, typ, digest, inquiry, use, iss, aud, at_ms, outcome FROM leaf
      WHERE idx >= $1 AND idx < state.size ORDER BY idx LIMIT $2
    ) AS leaf ON true
    ORDER BY leaf.idx`,
};

/** The openings of placed leaves from an index on. They never say whom a statement is about. */
export async function readOpenings(
  pool: pg.Pool,
  clock: Clock,
  { from, limit }: { from: number; limit: number },
): Promise<Openings> {
  const rows = await hotQuery<Row>(pool, read, [from, limit]);
  const [first] = rows;
  if (first === undefined) throw new RangeError('ledger_state has its one row from the migration');
  const { size, waiting } = first;
  const lag_ms = waiting === null ? 0 : Math.max(0, clock.now() - waiting);
  return { size, lag_ms, leaves: rows.flatMap(openingOf) };
}

function openingOf({ size: _size, waiting: _waiting, idx, ...opening }: Row): Opening[] {
  return idx === null ? [] : [{ idx, ...opening }];
}
