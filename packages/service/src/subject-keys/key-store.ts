import type pg from 'pg';

import { hotQuery, type HotStatement } from '../hot-transaction.ts';

/** A key as its row holds it: `subject` is a keyed hash, `wrapped` opens with a key of the node. */
export interface KeyRow {
  readonly subject: string;
  readonly life: string;
  readonly wrapped: Buffer;
}

const findKeys: HotStatement = {
  name: 'find_subject_keys',
  text: 'SELECT subject, life, wrapped FROM subject_key WHERE subject = ANY($1::text[])',
};

const findLives: HotStatement = {
  name: 'find_subject_lives',
  text: 'SELECT subject, life, wrapped FROM subject_key WHERE life = ANY($1::uuid[])',
};

const insertKeys: HotStatement = {
  name: 'insert_subject_keys',
  text: `INSERT INTO subject_key (subject, life, wrapped, made_ms)
    SELECT subject, life, wrapped, $4 FROM unnest($1::text[], $2::uuid[], $3::bytea[])
      AS each (subject, life, wrapped) ORDER BY subject
    ON CONFLICT (subject) DO NOTHING`,
};

/** Mark and end of the key in one statement, and the mark only once for each reference of an erasure. */
const destroyKey: HotStatement = {
  name: 'destroy_subject_key',
  text: `WITH held AS (SELECT life FROM subject_key WHERE subject = $1 FOR UPDATE),
    marked AS (
      INSERT INTO erased_key (erasure, n, life, at_ms) VALUES ($2, $3, (SELECT life FROM held), $4)
      ON CONFLICT (erasure, n) DO NOTHING RETURNING life
    )
    DELETE FROM subject_key WHERE life IN (SELECT life FROM marked) RETURNING life`,
};

const findErasure: HotStatement = {
  name: 'begun_erasure',
  text: 'SELECT erasure FROM erased_key WHERE erasure = $1 LIMIT 1',
};

const erasedAfter: HotStatement = {
  name: 'erased_lives',
  text: 'SELECT life FROM erased_key WHERE life > $1 ORDER BY life LIMIT $2',
};

/** The rows of the key store, a database apart from the payloads. */
export class KeyStore {
  readonly #pool: pg.Pool;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  async ofSubjects(subjects: readonly string[]): Promise<KeyRow[]> {
    return await hotQuery<KeyRow>(this.#pool, findKeys, [[...subjects]]);
  }

  async ofLives(lives: readonly string[]): Promise<KeyRow[]> {
    return await hotQuery<KeyRow>(this.#pool, findLives, [[...lives]]);
  }

  /** Keeps what is not there yet; the row that was first stays. */
  async insert(rows: readonly KeyRow[], nowMs: number): Promise<void> {
    const columns = [rows.map(({ subject }) => subject), rows.map(({ life }) => life)];
    // A crash after this leaves a key under which nothing is sealed yet; the next use finds it.
    await hotQuery(this.#pool, insertKeys, [...columns, rows.map(({ wrapped }) => wrapped), nowMs]);
  }

  /** Destroys the key that the subject has, once for each (erasure, n); again it does nothing. */
  async destroy(subject: string, by: { erasure: string; n: number }, nowMs: number): Promise<void> {
    const gone = await hotQuery(this.#pool, destroyKey, [subject, by.erasure, by.n, nowMs]);
    // Not in a transaction with the rest: what is left after a crash is dead, and goes with the next one.
    if (gone.length > 0) await this.#pool.query('VACUUM subject_key');
  }

  async begun(erasure: string): Promise<boolean> {
    return (await hotQuery(this.#pool, findErasure, [erasure])).length > 0;
  }

  /** Lives whose keys were destroyed, in the order of their ids. */
  async erased(after: string, most: number): Promise<string[]> {
    const rows = await hotQuery<{ life: string }>(this.#pool, erasedAfter, [after, most]);
    return rows.map(({ life }) => life);
  }
}
