import { createHmac, hkdfSync } from 'node:crypto';

import { uuidv7, type Clock, type Random } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol/errors';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';

import { GroupCommit, type ItemOutcome } from '../group-commit.ts';
import { openUnder, sealUnder } from '../sealing.ts';
import { isStoreTrouble } from '../store-away.ts';
import { KeyStore, type KeyRow } from './key-store.ts';
import { Lives, type LifeRow } from './lives.ts';
import type { SubjectKey } from './subject-key.ts';

/** What is left of a life whose key is destroyed, as a restored backup may have brought it back. */
export interface DeadLife {
  readonly ref: string;
  /** The keyed hash of the reference. */
  readonly subject: string;
  readonly life: string;
}

interface Parts {
  /** The key store. */
  readonly store: pg.Pool;
  /** The payload database, over connections of its own: who waits here may hold one of the others. */
  readonly rows: pg.Pool;
  /** The node's sealing key: 32 bytes. */
  readonly sealing: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
  /** Takes away what is still there of a dead life, before its subject gets another one. */
  readonly bury: (dead: DeadLife) => Promise<void>;
}

const keptMax = 20_000;
/** How long a process may go on sealing under a key that another one has destroyed. */
export const keptMs = 30_000;
const batch = { itemsMax: 256, waitingMax: 4096, stuckMs: 5000, isCommon: isStoreTrouble } as const;

/**
 * The subjects' keys: made at the first use, kept in memory for half a minute, destroyed by an erasure. A
 * known subject costs no query; others share a query to the key store and one to the payload database.
 */
export class SubjectKeys {
  readonly #parts: Parts;
  readonly #store: KeyStore;
  readonly #lives: Lives;
  readonly #handleKey: Uint8Array;
  readonly #wrapKey: Uint8Array;
  readonly #bySubject: LRUCache<string, SubjectKey>;
  readonly #byLife: LRUCache<string, SubjectKey>;
  readonly #asked: GroupCommit<string, SubjectKey>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#store = new KeyStore(parts.store);
    this.#lives = new Lives(parts.rows);
    this.#handleKey = derived(parts.sealing, 'subject handles');
    this.#wrapKey = derived(parts.sealing, 'subject keys');
    const perf = { now: () => parts.clock.monotonic() };
    this.#bySubject = new LRUCache({ max: keptMax, ttl: keptMs, perf });
    this.#byLife = new LRUCache({ max: keptMax, ttl: keptMs, perf });
    this.#asked = new GroupCommit({ ...batch, run: async (refs) => await this.#look(refs) });
  }

  /** The keyed hash by which the key store knows a reference. */
  handleOf(ref: string): string {
    return createHmac('sha256', this.#handleKey).update(ref).digest('base64url');
  }

  /** The key of the subject, made where there is none. @throws what the databases throw */
  async of(ref: string): Promise<SubjectKey> {
    return this.#bySubject.get(this.handleOf(ref)) ?? (await this.#asked.submit(ref));
  }

  /** The keys of several subjects, by reference. */
  async all(refs: Iterable<string>): Promise<ReadonlyMap<string, SubjectKey>> {
    const distinct = [...new Set(refs)];
    const keys = await Promise.all(distinct.map(async (ref) => [ref, await this.of(ref)] as const));
    return new Map(keys);
  }

  /** The key of a life. @throws CausewayError not_found where it has been destroyed */
  async ofLife(life: string): Promise<SubjectKey> {
    const kept = this.#byLife.get(life);
    if (kept !== undefined) return kept;
    const [row] = await this.#store.ofLives([life]);
    if (row === undefined) throw new CausewayError('not_found');
    return this.#keep(row);
  }

  /** Destroys the key of a reference for the n-th one of an erasure. Again it destroys nothing more. */
  async destroy(ref: string, by: { erasure: string; n: number }): Promise<void> {
    const subject = this.handleOf(ref);
    const kept = this.#bySubject.get(subject);
    await this.#store.destroy(subject, by, this.#parts.clock.now());
    this.#bySubject.delete(subject);
    if (kept !== undefined) this.#byLife.delete(kept.life);
  }

  /** Whether a key was destroyed for this erasure, or there was none to destroy. */
  async begun(erasure: string): Promise<boolean> {
    return await this.#store.begun(erasure);
  }

  /** Whether the key of a life is there, as the key store has it now. */
  async lives(life: string): Promise<boolean> {
    return (await this.#store.ofLives([life])).length > 0;
  }

  /** Lives whose keys are destroyed, page by page in the order of their ids. */
  async erased(after: string, most: number): Promise<string[]> {
    return await this.#store.erased(after, most);
  }

  /** Those of these lives of which the payload database still has something. */
  async left(lives: readonly string[]): Promise<DeadLife[]> {
    return (await this.#lives.byId(lives)).map((row) => this.#deadOf(row));
  }

  #deadOf({ life, ref, subject }: LifeRow): DeadLife {
    return { life, subject, ref: openUnder(this.#wrapKey, ref, `life ${life}`).toString() };
  }

  async #look(refs: readonly string[]): Promise<ItemOutcome<SubjectKey>[]> {
    const handles = refs.map((ref) => this.handleOf(ref));
    const byHandle = new Map(handles.map((handle, at) => [handle, refs[at] ?? '']));
    const distinct = [...byHandle.keys()];
    const [found, lives] = await Promise.all([
      this.#store.ofSubjects(distinct),
      this.#lives.ofSubjects(distinct),
    ]);
    const missing = distinct.filter((handle) => !found.some(({ subject }) => subject === handle));
    const rows = missing.length === 0 ? found : [...found, ...(await this.#make(missing))];
    await this.#begin(rows, lives, byHandle);
    const keys = new Map(rows.map((row) => [row.subject, this.#keep(row)]));
    return handles.map((handle) => {
      const key = keys.get(handle);
      return key === undefined ? { error: new CausewayError('unavailable') } : { value: key };
    });
  }

  async #make(subjects: readonly string[]): Promise<KeyRow[]> {
    const { clock, random } = this.#parts;
    const fresh = subjects.map((subject): KeyRow => {
      const life = uuidv7(clock, random);
      const wrapped = sealUnder(this.#wrapKey, random.bytes(32), keyPlace(subject, life), random);
      return { subject, life, wrapped };
    });
    await this.#store.insert(fresh, clock.now());
    return await this.#store.ofSubjects(subjects);
  }

  /** Says in the payload database that these lives have begun, before anything is written under them. */
  async #begin(keys: readonly KeyRow[], known: readonly LifeRow[], refs: ReadonlyMap<string, string>) {
    const lives = new Map(known.map((row) => [row.subject, row]));
    const begin = keys.filter(({ life, subject }) => lives.get(subject)?.life !== life);
    if (begin.length === 0) return;
    for (const { subject } of begin) {
      const dead = lives.get(subject);
      if (dead !== undefined) await this.#parts.bury(this.#deadOf(dead));
    }
    const rows = begin.map(({ life, subject }) => {
      const ref = Buffer.from(refs.get(subject) ?? '');
      return { subject, life, ref: sealUnder(this.#wrapKey, ref, `life ${life}`, this.#parts.random) };
    });
    await this.#lives.insert(rows);
    // A crash here leaves a life of which nothing is kept yet.
  }

  #keep({ life, subject, wrapped }: KeyRow): SubjectKey {
    const bytes = openUnder(this.#wrapKey, wrapped, keyPlace(subject, life));
    const key = { life, bytes };
    this.#bySubject.set(subject, key);
    this.#byLife.set(life, key);
    return key;
  }
}

const keyPlace = (subject: string, life: string): string => `subject key ${subject}/${life}`;

const derived = (sealing: Uint8Array, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', sealing, '', purpose, 32));
