import { readFileSync } from 'node:fs';
import { generateKey, kidOf } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { freePort } from '@causeway/sandbox/ports';
import type { ServiceProcess } from '@causeway/sandbox/service-process';
import { addKey } from '@causeway/sandbox/rotation/statement-keys';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sendStatement } from './answers.ts';
import { AuthorityStandIn } from './authority-stand-in.ts';
import { InquiryDoor } from './inquiry-door.ts';
import { signRaw } from './raw-statement.ts';
import { startSecondBroker } from './second-broker.ts';

const POLL_S = 5;
const FLOOD = 10_000;
const AT_ONCE = 64;

let federation: Federation;
let door: InquiryDoor;
let authority: AuthorityStandIn;
/** A broker that sees the authority through the stand-in. */
let broker: ServiceProcess;
let base: string;

beforeAll(async () => {
  federation = await startTestFederation();
  door = await InquiryDoor.open(federation);
  authority = await AuthorityStandIn.before(federation);
  const ports: [number, number] = [await freePort(), await freePort()];
  broker = await startSecondBroker(federation, ports, { CAUSEWAY_AUTHORITY_URL: authority.url });
  base = `http://localhost:${ports[0]}`;
});
afterAll(async () => {
  await broker.stop();
  await authority.stop();
  await stopTestFederation(federation);
});
afterEach(() => {
  authority.act = () => undefined;
});

/** An inquiry by a key that nobody has ever heard of, under a member's name. */
function byStranger(): string {
  const key = generateKey();
  const { header, claims } = door.inquiry();
  return signRaw({ header: { ...header, kid: kidOf('abc-bank', key) }, claims }, key);
}

const known = (): Promise<{ status: number; ms: number }> => sendStatement(base, door.sign(door.inquiry()));

/** Sends all of them, some at once, and tells which codes came back. */
async function flood(statements: readonly string[]): Promise<Map<string, number>> {
  const codes = new Map<string, number>();
  const queue = statements.values();
  const worker = async (): Promise<void> => {
    for (const jws of queue) {
      const { code } = await sendStatement(base, jws);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return codes;
}

const memoryMb = (): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${broker.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

describe('S26 statements by unknown keys', () => {
  test('S26 a key that was enrolled a moment ago is known as soon as it is used', async () => {
    const { kid } = await addKey(federation, 'evergreen');
    const key = federation.keys('evergreen').statements.find((each) => kidOf('evergreen', each) === kid);
    const { header, claims } = door.inquiry({ iss: 'evergreen' });
    const jws = signRaw({ header: { ...header, kid }, claims }, key ?? generateKey());
    // Without a consent of its own it is refused for that, and not for its key.
    const { status, code } = await sendStatement(base, jws);
    expect([status, code]).not.toContain('key_unknown');
  });

  test(`S26 ${FLOOD} of them cause at most one fetch in an interval`, async () => {
    const kids = Array.from({ length: 100 }, byStranger);
    const statements = Array.from({ length: FLOOD }, (_, n) => kids[n % 100] ?? '');
    const [before, startedAt] = [authority.count('/directory'), performance.now()];
    const codes = await flood(statements);
    const seconds = (performance.now() - startedAt) / 1000;
    expect(codes).toEqual(new Map([['key_unknown', FLOOD]]));
    // One for the node's own poll, one for all unknown keys together.
    const periods = Math.ceil(seconds / POLL_S) + 1;
    expect(authority.count('/directory') - before).toBeLessThanOrEqual(2 * periods);
    expect((await known()).status).toBe(202);
  });

  test('S26 while the authority hangs they are refused, and known keys wait for nothing', async () => {
    authority.act = () => 'hang';
    const asked = authority.count('/directory');
    await expect.poll(() => authority.count('/directory'), { timeout: 30_000 }).toBeGreaterThan(asked);
    const startedAt = performance.now();
    const strangers = flood(Array.from({ length: 200 }, byStranger));
    const others = await Promise.all(Array.from({ length: 20 }, known));
    expect(others.map(({ status }) => status)).toEqual(others.map(() => 202));
    expect(await strangers).toEqual(new Map([['key_unknown', 200]]));
    expect(performance.now() - startedAt).toBeLessThan(60_000);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
  });

  test('S26 a directory of 50 MB is not read to its end, and costs no memory', async () => {
    await known();
    const before = memoryMb();
    const huge = JSON.stringify({ head: 'A'.repeat(50 * 1024 * 1024) });
    const asked = authority.count('/directory');
    authority.act = (path) => (path === '/directory' ? { status: 200, text: huge } : undefined);
    await expect.poll(() => authority.count('/directory'), { timeout: 30_000 }).toBeGreaterThan(asked + 1);
    expect(await flood(Array.from({ length: 20 }, byStranger))).toEqual(new Map([['key_unknown', 20]]));
    expect((await known()).status).toBe(202);
    expect(memoryMb() - before).toBeLessThan(50);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
  });
});
