import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FederationOptions } from './federation-parts.ts';
import { Federation } from './federation.ts';
import { fsckLedgers, type LedgerFindings, retiredLedgerKeys } from './ledger-fsck.ts';
import { portIsFree } from './ports.ts';
import { BROKER, CONSUMER, INSTANCES_MAX, STORY_BUREAUS, portsOf } from './plan.ts';

const BASE_FIRST = 20_000;
/** Below the ports that Linux gives to outgoing connections. */
const BASE_LAST = 30_000;
/** Public listeners and their federation twins lie within this much of the base. */
const BASE_STEP = 2_000;
/** A listener of the test's own on the last of these ports says that the others are spoken for. */
const claims = new Map<number, Server>();

/**
 * A federation of its own for one test file: throw-away folder, free ports, PostgreSQL without fsync, and the
 * sandbox's agent in every service.
 */
export async function startTestFederation(options: Partial<FederationOptions> = {}): Promise<Federation> {
  const home = mkdtempSync(join(tmpdir(), 'causeway-test-'));
  const portBase = await freePortBase(options.bureaus);
  return Federation.start({ fsync: false, agents: true, ...options, home, portBase });
}

/** What a file says beforehand that `fsck` will find of what it did to databases. */
interface Announced {
  /** Patterns of `member: what at detail`: each finds something, and nothing is found beside them. */
  readonly findings?: readonly RegExp[];
}

/**
 * Ends it and removes its files, logs included. Before its databases go every ledger is proven anew, as a
 * node's owner does with `causeway fsck`: a test that wrote anything has this one as its last.
 * @throws Error where a ledger is not as the file said that it would leave it
 */
export async function stopTestFederation(
  federation: Federation,
  { findings = [] }: Announced = {},
): Promise<void> {
  const retired = await retiredLedgerKeys(federation.home);
  const [told] = await Promise.allSettled([fsckLedgers(federation.home, retired), federation.stopNodes()]);
  await federation.stop({ remove: true });
  claims.get(federation.ports.identityProvider)?.close();
  rmSync(federation.home, { recursive: true, force: true });
  if (told.status === 'rejected') throw told.reason;
  expectAnnounced(linesOf(told.value), findings);
}

const linesOf = (ledgers: readonly LedgerFindings[]): string[] =>
  ledgers.flatMap(({ member, findings }) =>
    findings.map(({ what, at, detail }) => `${member}: ${what} ${at} ${detail}`),
  );

function expectAnnounced(found: readonly string[], announced: readonly RegExp[]): void {
  const beside = found.filter((line) => !announced.some((pattern) => pattern.test(line)));
  const absent = announced.filter((pattern) => !found.some((line) => pattern.test(line)));
  if (beside.length === 0 && absent.length === 0) return;
  const parts = [
    ...beside.map((line) => `found ${line}`),
    ...absent.map((each) => `not found ${each.source}`),
  ];
  throw new Error(`fsck of the ledgers that this file left: ${parts.join('; ')}`);
}

/**
 * A base whose ports nobody listens on, for a federation beside others. No other process gets it while this
 * one lives.
 */
export async function freePortBase(bureaus = STORY_BUREAUS): Promise<number> {
  const bases = (BASE_LAST - BASE_FIRST) / BASE_STEP + 1;
  for (let tried = 0; tried < bases; tried += 1) {
    const base = BASE_FIRST + ((process.pid + tried) % bases) * BASE_STEP;
    if (!(await claim(base))) continue;
    const ports = portsOf(base, bureaus);
    const nodes = ['authority', CONSUMER.id, BROKER.id, ...bureaus.map(({ id }) => id)];
    const each = Array.from({ length: INSTANCES_MAX }, (_, n) => n + 1);
    const wanted = nodes.flatMap((id) => [
      ...[ports.public(id), ports.federation(id)],
      ...each.flatMap((n) => Object.values(ports.behind(id, n))),
    ]);
    const free = await Promise.all([base, ...wanted].map((port) => portIsFree(port)));
    if (free.every(Boolean)) return base;
    claims.get(base)?.close();
  }
  throw new Error('no range of free ports for a test federation');
}

/** False where another process has it. Two would find the same ports free before either listens. */
async function claim(base: number): Promise<boolean> {
  const server = createServer().listen(base + BASE_STEP - 1, '127.0.0.1');
  const claimed = await once(server, 'listening').then(
    () => true,
    () => false,
  );
  if (claimed) claims.set(base, server.unref());
  return claimed;
}
