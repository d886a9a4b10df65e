import type pg from 'pg';

import { hotQuery, type HotStatement } from '../hot-transaction.ts';

/** Which life the payloads of a subject are of; `ref`: the reference, sealed. In the payload database. */
export interface LifeRow {
  readonly subject: string;
  readonly life: string;
  readonly ref: Buffer;
}

const findLives: HotStatement = {
  name: 'lives_of_subjects',
  text: 'SELECT subject, life, ref FROM subject_life WHERE subject = ANY($1::text[])',
};

const findById: HotStatement = {
  name: 'lives_by_id',
  text: 'SELECT subject, life, ref FROM subject_life WHERE life = ANY($1::uuid[])',
};

const insertLives: HotStatement = {
  name: 'insert_lives',
  text: `INSERT INTO subject_life (subject, life, ref)
    SELECT * FROM unnest($1::text[], $2::uuid[], $3::bytea[]) AS each (subject, life, ref) ORDER BY subject
    ON CONFLICT (subject) DO NOTHING`,
};

/**
 * What of the payload database belongs to which life. It lies in that database so that a backup of it says
 * which life it is of: what a backup brings back of a life that has ended is found by it.
 */
export class Lives {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async ofSubjects(subjects: readonly string[]): Promise<LifeRow[]> {
    return await hotQuery<LifeRow>(this.#pool, findLives, [[...subjects]]);
  }

  async byId(lives: readonly string[]): Promise<LifeRow[]> {
    return await hotQuery<LifeRow>(this.#pool, findById, [[...lives]]);
  }

  async insert(rows: readonly LifeRow[]): Promise<void> {
    await hotQuery(this.#pool, insertLives, [
      ...[rows.map(({ subject }) => subject), rows.map(({ life }) => life), rows.map(({ ref }) => ref)],
    ]);
  }
}
