import { openCheckpoint, noteKey } from '@causeway/ledger';
import { memberKeys } from '@causeway/sandbox/member-keys';
import type { Federation } from '@causeway/sandbox/federation';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { causeway } from './command-line.ts';
import { queryDatabase } from './rows.ts';

let federation: Federation;

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: [] });
});
/** The last test changes the first leaf of the authority. */
afterAll(() => stopTestFederation(federation, { findings: [/^authority: leaf 0(-[0-9]+)? /u] }));

const sizeOf = async (member: string): Promise<number> =>
  (await queryDatabase<{ size: number }>(federation, member, 'SELECT size::int FROM ledger_state'))[0]
    ?.size ?? 0;

test('a node serves the checkpoint of all that it has placed, signed with the key in its entry', async () => {
  const size = await sizeOf('authority');
  expect(size).toBeGreaterThan(0);
  const { trees } = memberKeys(join(federation.home, 'keys/authority'), 'authority', true);
  const origin = `causeway/${federation.ceremony.fed}/authority`;
  const key = noteKey(origin, 'note', Buffer.from(trees?.ledger.x ?? '', 'base64url'));
  const view = await federation.lender('abc-bank').directory.view();
  expect(view.member('authority')?.ledger_key).toMatchObject({ x: trees?.ledger.x });
  expect(view.member('broker')?.witness_key).toMatchObject({ kty: 'OKP' });
  expect(view.member('abc-bank')?.ledger_key).toBeUndefined();
  await vi.waitFor(async () => {
    const answer = await fetch(`${federation.url('authority')}/ledger/checkpoint`);
    expect(openCheckpoint(await answer.text(), { origin, keys: [key] }).size).toBe(size);
  });
});

test('S51 an auditor with nothing but the anchor proves what a node serves', async () => {
  const outside = mkdtempSync(join(tmpdir(), 'causeway-auditor-'));
  const trust = ['--anchor', federation.card.anchor, '--authority', federation.url('authority')];
  const audit = async (...more: string[]) =>
    await causeway(
      'fsck',
      '--url',
      federation.url('authority'),
      '--home',
      outside,
      '--json',
      ...trust,
      ...more,
    );
  try {
    const first = await vi.waitFor(async () => {
      const { exit, said } = await audit();
      expect(exit).toBe(0);
      return JSON.parse(said) as Record<string, unknown>;
    }, 20_000);
    expect(first).toMatchObject({ sound: true, ledger: 'authority', against: 'first', findings: [] });
    expect(first['witnesses']).toEqual(expect.arrayContaining(['broker', 'consumer']));
    expect((await audit()).exit).toBe(0);
    const other = await audit('--ledger', 'consumer');
    expect([other.exit, other.said]).toEqual([6, expect.stringContaining('origin_unexpected')]);
    trust[1] = `sha-256:${'A'.repeat(43)}`;
    expect((await audit()).exit).toBe(6);
  } finally {
    rmSync(outside, { recursive: true, force: true });
  }
});

test('S51 causeway fsck names a changed leaf and nothing else, from outside too', async () => {
  const sound = await causeway('fsck', '--home', federation.home, '--json');
  expect([sound.exit, JSON.parse(sound.said)]).toMatchObject([0, { sound: true }]);
  const digest = `sha-256:${'A'.repeat(43)}`;
  await queryDatabase(federation, 'authority', 'UPDATE leaf SET digest = $1 WHERE idx = 0', [digest]);
  const { exit, said } = await causeway('fsck', '--home', federation.home, '--json');
  expect(exit).toBe(6);
  const told = JSON.parse(said) as {
    ledgers: { member: string; findings: { what: string; at: string }[] }[];
  };
  const wrong = told.ledgers.filter(({ findings }) => findings.length > 0);
  expect(wrong.map(({ member }) => member)).toEqual(['authority']);
  expect(wrong[0]?.findings).toHaveLength(1);
  expect(wrong[0]?.findings[0]?.what).toBe('leaf');
  expect(wrong[0]?.findings[0]?.at).toMatch(/^0(-[0-9]+)?$/u);
  // And from outside, by whoever has nothing of the node but what it serves.
  const url = federation.url('authority');
  const outside = await causeway('fsck', '--url', url, '--home', federation.home, '--json');
  expect(outside.exit).toBe(6);
  const { findings } = JSON.parse(outside.said) as { findings: { what: string; at: string }[] };
  expect(findings.map(({ what }) => what)).toEqual(['leaf']);
  expect(findings[0]?.at).toMatch(/^0-[0-9]+$/u);
});
