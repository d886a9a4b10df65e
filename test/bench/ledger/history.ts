import { setTimeout as wait } from 'node:timers/promises';
import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { sessionNonce } from '@causeway/sdk';
import { Pool } from 'undici';
import { queryDatabase } from '../../e2e/rows.ts';
import { LENDER, type Scene } from '../inquiry/scene.ts';
import { digestOf } from './append.ts';
import { median, percentile, rounded } from '../statistics.ts';

export interface HistoryLoad {
  readonly scene: Scene;
  /** Lines of the short and of the long history. */
  readonly short: number;
  readonly long: number;
  /** Pages of one sample. */
  readonly pages: number;
  readonly samples: number;
  readonly chance: () => number;
}

/** A person's history as the person reads it, and the ids of some of its lines: each begins a page. */
interface History {
  readonly headers: { readonly authorization: string };
  readonly cursors: readonly string[];
}

const PAGE_LINES = 50;
const PROVEN_WITHIN_MS = 120_000;

/**
 * Pages with proofs, from anywhere in a short and in a long history, in turns; the 99th percentile of each
 * sample, and medians over the samples.
 */
export async function measureHistories(
  federation: Federation,
  load: HistoryLoad,
  tell: (line: string) => void,
) {
  const pool = new Pool(federation.url('consumer'), { connections: 1 });
  try {
    const short = await openHistory(federation, pool, load, { of: 0, lines: load.short });
    const long = await openHistory(federation, pool, load, { of: 1, lines: load.long });
    tell(`histories of ${load.short} and ${load.long} lines`);
    for (const history of [short, long]) await sample(pool, history, load);
    const pairs: { short_ms: number; long_ms: number }[] = [];
    for (let n = 0; n < load.samples; n += 1) {
      pairs.push({ short_ms: await sample(pool, short, load), long_ms: await sample(pool, long, load) });
    }
    const of = (pick: (pair: (typeof pairs)[number]) => number): number => median(pairs.map(pick));
    return {
      history_ratio: rounded(
        of(({ long_ms, short_ms }) => long_ms / short_ms),
        3,
      ),
      history_p99_ms: { short: of(({ short_ms }) => short_ms), long: of(({ long_ms }) => long_ms) },
    };
  } finally {
    await pool.close();
  }
}

/** Lines and their leaves as the consumer service would have written them, behind those that are there. */
async function fill(federation: Federation, subjectRef: string, lines: number): Promise<void> {
  await queryDatabase(
    federation,
    'consumer',
    `WITH tree AS (UPDATE ledger_state SET size = size + $2::bigint RETURNING size - $2::bigint AS before),
      line AS (
        SELECT n, gen_random_uuid() AS id, ${digestOf(`'inquiry ' || $1 || n`)} AS inquiry,
          ${digestOf(`'grant ' || $1 || n`)} AS leaf
        FROM generate_series(0, $2::bigint - 1) AS n
      ),
      written AS (
        INSERT INTO access (subject_ref, id, at_ms, lender, purpose, categories, bureaus, outcome, inquiry,
          use, decided_by, leaf)
        SELECT $1, overlay(overlay(id::text placing '7' from 15) placing 'a' from 20)::uuid, $3, $4,
          'LOAN_APPROVAL', '{ACCOUNT_SUMMARY}', '{central}', 'granted', inquiry, 1, 'consumer', leaf
        FROM line ORDER BY n
      )
      INSERT INTO leaf (idx, digest, typ, inquiry, use, iss, aud, at_ms, outcome)
      SELECT before + n, leaf, 'grant', inquiry, 1, 'consumer', $4, $3, NULL FROM line, tree`,
    [subjectRef, lines, systemClock.now(), LENDER],
  );
}

/** Gives a person so many lines, signs them in, and waits until the newest page has all its proofs. */
async function openHistory(
  federation: Federation,
  pool: Pool,
  { pages, scene }: HistoryLoad,
  { of, lines }: { of: number; lines: number },
): Promise<History> {
  const [person, consent] = [scene.people[of], scene.agreed[of]];
  if (person === undefined || consent === undefined) throw new RangeError('there are too few people');
  await fill(federation, consent.subjectRef, lines);
  const subject = federation.subject();
  const nonce = sessionNonce(uuidv7(systemClock, systemRandom));
  const session = await subject.openSession(await federation.idToken(person, nonce));
  const headers = { authorization: `Bearer ${session}` };
  const giveUpAt = performance.now() + PROVEN_WITHIN_MS;
  while (!(await isProven(pool, headers))) {
    if (performance.now() > giveUpAt) throw new Error('the history stays without proofs');
    await wait(250);
  }
  const anywhere = `SELECT id
    FROM (SELECT id FROM access WHERE subject_ref = $1 ORDER BY seq OFFSET $2) AS line
    ORDER BY random() LIMIT $3`;
  const rows = await queryDatabase<{ id: string }>(federation, 'consumer', anywhere, [
    ...[consent.subjectRef, PAGE_LINES, pages],
  ]);
  return { headers, cursors: rows.map(({ id }) => id) };
}

interface Page {
  readonly items: readonly { readonly id: string; readonly proof: string | null }[];
  readonly next?: string;
}

async function isProven(pool: Pool, headers: History['headers']): Promise<boolean> {
  return (await readPage(pool, headers)).items.every(({ proof }) => proof !== null);
}

async function readPage(pool: Pool, headers: History['headers'], cursor?: string): Promise<Page> {
  const path = `/v1/accesses${cursor === undefined ? '' : `?cursor=${cursor}`}`;
  const answer = await pool.request({ method: 'GET', path, headers });
  if (answer.statusCode !== 200) throw new Error(`a page ended with ${answer.statusCode}`);
  return (await answer.body.json()) as Page;
}

/** The 99th percentile, in milliseconds, of full pages from random places. */
async function sample(pool: Pool, { cursors, headers }: History, { chance }: HistoryLoad): Promise<number> {
  const times: number[] = [];
  for (const cursor of cursors.toSorted(() => chance() - 0.5)) {
    const startedAt = performance.now();
    const { items } = await readPage(pool, headers, cursor);
    times.push(performance.now() - startedAt);
    if (items.length !== PAGE_LINES || items.some(({ proof }) => proof === null)) {
      throw new Error('a page is not full, or has a line without its proof');
    }
  }
  return percentile(times, 0.99);
}
