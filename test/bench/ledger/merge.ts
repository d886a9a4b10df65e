import { setTimeout as wait } from 'node:timers/promises';
import { digestOf, type Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { Pool } from 'undici';
import { openLoop } from '../inquiry/loops.ts';
import { type Answer, Ours } from '../inquiry/ours.ts';
import type { Scene } from '../inquiry/scene.ts';
import { percentile, rounded, zipfRanks } from '../statistics.ts';
import { ProvableSizes } from './provable-sizes.ts';

export interface MergeLoad {
  readonly scene: Scene;
  /** Inquiries per second. */
  readonly rate: number;
  readonly seconds: number;
  readonly warm: number;
  readonly chance: () => number;
}

/** A statement that a lender was given, and when: milliseconds of the monotonic clock. */
interface Given {
  readonly member: string;
  readonly digest: Digest;
  readonly at: number;
}

const AT_ONCE = 64;
const PROOFS_AT_ONCE = 8;

/**
 * From a report's arrival at the lender until the report and each disclosure in it is under a checkpoint that
 * two witnesses cosigned, as anyone sees it who asks the ledger's public listener. The inquiries come at a
 * fixed rate, whether or not earlier ones have been answered.
 */
export async function measureMerging(federation: Federation, load: MergeLoad, tell: (line: string) => void) {
  const given: Given[] = [];
  const { bureaus } = federation.card;
  const ours = new Ours(federation, load.scene, AT_ONCE, (answer) => given.push(...statementsOf(answer)));
  const rank = zipfRanks(load.scene.agreed.length, load.chance);
  const sizes = ProvableSizes.watch(new Map([...bureaus, 'broker'].map((id) => [id, federation.url(id)])));
  try {
    await ours.prepare(load.warm, rank);
    await openLoop(load.warm, load.rate / 2, ours.ask);
    given.length = 0;
    const total = Math.round(load.rate * load.seconds);
    await ours.prepare(total, rank);
    tell(`${total} inquiries at ${load.rate}/s`);
    const { latenciesMs, seconds } = await openLoop(total, load.rate, ours.ask);
    const delays = await delaysOf(federation, given, sizes);
    const at = (share: number): number => rounded(percentile(delays, share), 0);
    return {
      ...{ merge_p50_ms: at(0.5), merge_p99_ms: at(0.99), merge_max_ms: at(1), statements: delays.length },
      answered_per_s: rounded(total / seconds, 1),
      answer_p99_ms: rounded(percentile(latenciesMs, 0.99), 1),
    };
  } finally {
    await sizes.stop();
    await ours.close();
  }
}

function statementsOf({ disclosures, report }: Answer): Given[] {
  const at = performance.now();
  return [report, ...disclosures].map((jws) => ({ member: issuerOf(jws), digest: digestOf(jws), at }));
}

function issuerOf(jws: string): string {
  const claims = JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString()) as { iss: string };
  return claims.iss;
}

async function delaysOf(
  federation: Federation,
  given: readonly Given[],
  sizes: ProvableSizes,
): Promise<number[]> {
  const pools = new Map(
    [...new Set(given.map(({ member }) => member))].map((id) => [id, new Pool(federation.url(id))]),
  );
  const delays: number[] = [];
  const queue = given.values();
  const worker = async (): Promise<void> => {
    for (const { at, digest, member } of queue) {
      const index = await indexOf(pools.get(member), digest);
      delays.push(Math.max(0, (await sizes.coveredAt(member, index)) - at));
    }
  };
  await Promise.all(Array.from({ length: PROOFS_AT_ONCE }, worker));
  await Promise.all([...pools.values()].map(async (pool) => await pool.close()));
  return delays;
}

const MERGED_WITHIN_MS = 60_000;

/** @throws Error where the statement is in no tree after a minute */
async function indexOf(pool: Pool | undefined, digest: Digest): Promise<number> {
  const giveUpAt = performance.now() + MERGED_WITHIN_MS;
  while (pool !== undefined && performance.now() < giveUpAt) {
    const answer = await pool.request({ method: 'GET', path: `/ledger/proof/${digest}` });
    const found = /\nindex (?<index>\d+)\n/u.exec(await answer.body.text())?.groups?.['index'];
    if (answer.statusCode === 200 && found !== undefined) return Number(found);
    await wait(100);
  }
  throw new Error('a statement that was given out is in no tree');
}
