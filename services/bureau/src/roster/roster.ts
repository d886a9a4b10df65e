import { openFor, sealFor } from '@causeway/service';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';

import type { Bureau } from '../bureau.ts';
import type { NativeSubject } from '../sources/source.ts';
import type { BureauTables } from '../tables.ts';

/** Finds whom a reference stands for in the native system; undefined where the bureau has nobody there. */
export type Roster = (subjectRef: string) => Promise<NativeSubject | undefined>;

const place = (subjectRef: string): string => `roster/${subjectRef}`;

/** Opens one entry for one question; nothing of it is kept. */
export function rosterOf(db: Kysely<BureauTables>, subjectKeys: Pick<Bureau['subjectKeys'], 'of'>): Roster {
  return async (subjectRef) => {
    const row = await db
      .selectFrom('roster')
      .select('sealed')
      .where('subject_ref', '=', subjectRef)
      .executeTakeFirst();
    if (row === undefined) return undefined;
    const text = openFor(await subjectKeys.of(subjectRef), row.sealed, place(subjectRef)).toString('utf8');
    return JSON.parse(text) as NativeSubject;
  };
}

/**
 * Keeps these subjects, each under its reference in every epoch; whoever was there before is replaced. Raw
 * numbers are stored sealed, and bound to their reference.
 */
export async function enrol(
  { db, random, references, subjectKeys }: Pick<Bureau, 'db' | 'random' | 'references' | 'subjectKeys'>,
  subjects: readonly NativeSubject[],
): Promise<void> {
  const refs = await references(subjects.map(({ identifier }) => identifier));
  const keys = await subjectKeys.all(refs.flat());
  const rows = subjects.flatMap((subject, at) =>
    (refs[at] ?? []).flatMap((ref) => {
      const key = keys.get(ref);
      if (key === undefined) return [];
      return { subject_ref: ref, sealed: sealFor(key, JSON.stringify(subject), place(ref), random) };
    }),
  );
  const last = new Map(rows.map((row) => [row.subject_ref, row]));
  if (last.size === 0) return;
  // In one order, so that two calls about the same subjects wait for each other in one direction only.
  const inOrder = [...last.values()].toSorted((a, b) => (a.subject_ref < b.subject_ref ? -1 : 1));
  // A crash before this leaves nothing of the call; the caller sends it again.
  await db
    .insertInto('roster')
    .values(inOrder)
    .onConflict((conflict) => conflict.column('subject_ref').doUpdateSet({ sealed: sql`excluded.sealed` }))
    .execute();
}
