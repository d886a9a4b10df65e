import type { Clock } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import type { BureauTables } from '../tables.ts';

const dayMs = 86_400_000;

interface Options {
  readonly db: Kysely<BureauTables>;
  readonly clock: Clock;
  readonly directory: { view(): DirectoryView };
}

/** Who read this bureau's data, for what and how much, of some days. It tells nothing of whom it was read. */
export async function readsOfData({ clock, db, directory }: Options, days: number) {
  const sinceMs = clock.now() - days * dayMs;
  const { rows } = await sql<ReadRow>`
    SELECT lender, purpose, count(*)::int AS inquiries,
        count(*) FILTER (WHERE state = 'disclosed')::int AS disclosed,
        count(*) FILTER (WHERE state = 'refused')::int AS refused, max(reserved_ms) AS last_ms
      FROM answer WHERE reserved_ms >= ${sinceMs}
      GROUP BY lender, purpose ORDER BY inquiries DESC, lender, purpose`.execute(db);
  const view = directory.view();
  return {
    since: new Date(sinceMs).toISOString(),
    items: rows.map(({ last_ms, lender, purpose, ...counts }) => {
      const { legal_name, legal_name_zh } = view.member(lender) ?? { legal_name: lender };
      return {
        ...{ lender, legal_name, ...(legal_name_zh === undefined ? {} : { legal_name_zh }) },
        ...{ ...(purpose === null ? {} : { purpose }), ...counts },
        last_at: new Date(Number(last_ms)).toISOString(),
      };
    }),
  };
}

interface ReadRow {
  readonly lender: string;
  readonly purpose: string | null;
  readonly inquiries: number;
  readonly disclosed: number;
  readonly refused: number;
  readonly last_ms: number;
}
