import { noFaults, seconds, systemRandom, type FaultPoint } from '@causeway/kernel';
import { digestOf, sha256Digest, sign, type Digest, type UnsignedClaims } from '@causeway/protocol';
import { directoryWith, fed, keyOf, now } from '@causeway/protocol/federation.fixture';
import { testDatabase } from '@causeway/sandbox/test-database';
import { createDatabase, createLog, sealFor, type SubjectKeys } from '@causeway/service';
import { memoryLog } from '@causeway/service/shell.fixture';

import { startSequencer } from '../sequencer.ts';
import { createStatusReceiver } from '../status-receiver.ts';
import { takeErasure } from './erasure-receiver.ts';
import { keysIn } from './subject-keys.fixture.ts';
import { ErasedSweep } from './sweep-erased.ts';

export class Killed extends Error {}

/** Dies where a point is reached. */
export const killedAt =
  (wanted: FaultPoint) =>
  (point: FaultPoint): void => {
    if (point === wanted) throw new Killed(wanted);
  };

let subjects = 0;
/** Somebody new. */
export const somebody = (): string =>
  `s1.1.${sha256Digest(`subject ${(subjects += 1)}`).slice('sha-256:'.length)}`;

interface Taking {
  readonly at?: (point: FaultPoint) => Promise<void> | void;
  readonly peer?: string;
  readonly keys?: SubjectKeys;
}

/** The bureau `central` over a real database, which is told of restrictions and erasures. */
export async function createWorld() {
  const server = await testDatabase({ migrations: 'bureau' });
  const quiet = createLog({ name: 't', level: 'silent' });
  const database = createDatabase<unknown>({ url: server.url, name: 't', log: quiet });
  const clock = { wallMs: now * 1000, now: () => clock.wallMs, monotonic: () => clock.wallMs };
  const sequencer = startSequencer({
    ...{ pool: database.pool, clock, log: quiet, faults: noFaults, periodMs: 3_600_000 },
  });
  const { lines, log } = memoryLog();
  const sealing = new Uint8Array(32).fill(5);
  /** How long what is here must be kept. */
  const rules = { keptMs: 0 };
  const by = (member: string) => ({ key: keyOf(member), fed, clock, random: systemRandom });
  /** A process of the bureau, with its own memory. */
  const keysOfProcess = () => keysIn(database, clock, sealing);
  const query = async (text: string, values: unknown[] = []) =>
    (await database.pool.query<Record<string, unknown>>(text, values)).rows;
  const rowsOf = async (ref: string): Promise<number> => {
    const counts = ['roster', 'subject'].map((table) =>
      query(`SELECT 1 AS one FROM ${table} WHERE subject_ref = $1`, [ref]),
    );
    return (await Promise.all(counts)).flat().length;
  };
  const parts = { fed, key: keyOf('central'), clock, random: systemRandom, db: database.db, sequencer };
  let sequence = 0;
  /** The bureau is told by the consumer service; the digest of what it was told. */
  const told = async (
    refs: string[],
    claims: Partial<UnsignedClaims<'status'>> = {},
    at?: Taking['at'],
  ): Promise<Digest> => {
    const says = { action: 'freeze', subject_refs: refs, sequence: (sequence += 1), ...claims } as const;
    const exp = seconds(clock) + 86_400;
    const { jws } = sign('status', { aud: ['broker', 'central'], exp, ...says }, by('consumer'));
    const directory = { view: () => directoryWith().view, take: async () => directoryWith().view };
    const faults = at === undefined ? noFaults : { at };
    await createStatusReceiver({ ...parts, faults, directory }).takeStatus(jws, 'consumer');
    return digestOf(jws);
  };
  return {
    ...{ server, database, clock, lines, rules, keysOfProcess, query, rowsOf, told },
    /** The same, and that it restricts. */
    restricted: async (refs: string[], claims: Partial<UnsignedClaims<'status'>> = {}) =>
      await told(refs, { restricts: true, ...claims }),
    erasure: (
      claims: Pick<UnsignedClaims<'erasure'>, 'subject_refs' | 'restriction'> &
        Partial<UnsignedClaims<'erasure'>>,
      member = 'consumer',
    ): string =>
      sign('erasure', { aud: 'central', exp: seconds(clock) + 9_000_000, ...claims }, by(member)).jws,
    take: async (jws: string, { at, keys = keysOfProcess(), peer = 'consumer' }: Taking = {}) => {
      const directory = { view: () => directoryWith().view };
      const faults = at === undefined ? noFaults : { at };
      const keptHere = async (_trx: unknown, { ref }: { ref: string }, fromMs: number) =>
        fromMs + ((await rowsOf(ref)) > 0 ? rules.keptMs : 0);
      return await takeErasure({ ...parts, directory, faults, keys, log, keptHere }, jws, peer);
    },
    /** Something sealed and something clear about them, in tables that the bureau has. */
    kept: async (ref: string): Promise<Buffer> => {
      const box = sealFor(await keysOfProcess().of(ref), 'what is said of them', 'place', systemRandom);
      await query('INSERT INTO roster (subject_ref, sealed) VALUES ($1, $2)', [ref, box]);
      await query("INSERT INTO subject (subject_ref, kind) VALUES ($1, 'person')", [ref]);
      return box;
    },
    sweep: () => new ErasedSweep({ keys: keysOfProcess(), db: database.db, log: quiet }),
    close: async () => {
      await sequencer.stop();
      await database.close();
      await server.drop();
    },
  };
}

export type World = Awaited<ReturnType<typeof createWorld>>;
