import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Federation } from '@causeway/sandbox/federation';
import { listedStaff } from '@causeway/sandbox/people/staff';
import { issuerAt, STORY_BUREAUS } from '@causeway/sandbox/plan';
import { startTestFederation, stopTestFederation } from '@causeway/sandbox/test-federation';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { causeway } from './command-line.ts';

let federation: Federation;
let before: NonNullable<ReturnType<typeof listedStaff>>;
const member = 'abc-bank';

beforeAll(async () => {
  federation = await startTestFederation({ bureaus: STORY_BUREAUS.slice(0, 1) });
  const listed = listedStaff({ id: member, role: 'lender' }, issuerAt(federation.ports));
  if (listed === undefined) throw new RangeError('the sandbox lists staff of lenders');
  before = listed;
});
afterAll(() => stopTestFederation(federation));

const staff = async (...args: string[]) => await causeway('staff', ...args, '--home', federation.home);
const listedNow = async () => (await federation.directory().view()).member(member)?.staff;
const roles = ['authority', 'consumer', 'broker', 'bureau', 'lender'] as const;
const entries = async () => {
  const view = await federation.directory().view();
  return roles.flatMap((role) => view.membersWith(role));
};
/** Whether the broker sends staff of this lender to a provider. */
const isOpen = async (): Promise<boolean> => {
  const answer = await fetch(`${federation.url('broker')}/v1/console/institutions`);
  const { items } = (await answer.json()) as { items: { id: string }[] };
  return items.some(({ id }) => id === member);
};

describe('causeway staff', () => {
  test('is listed, and shows by whom a member’s staff sign in and as what', async () => {
    expect((await causeway('--help')).said).toMatch(/staff .*<act>/u);
    const { exit, said } = await staff('show', '--member', member);
    expect(exit).toBe(0);
    expect(said).toContain(`abc-bank: its staff sign in at ${before.issuer}, client ${before.client_id}`);
    expect(said).toContain(`roles: ${before.roles.join(', ')}`);
    const json = await staff('show', '--member', member, '--json');
    expect(JSON.parse(json.said)).toEqual({ member, staff: before });
  });

  test('S31 takes a role away at once: broker and consumer service have acknowledged it', async () => {
    const { exit, said } = await staff('set', '--member', member, '--roles', 'auditor', '--json');
    expect(exit).toBe(0);
    const told = JSON.parse(said) as { acknowledged: string[] };
    expect(told).toMatchObject({ member, staff: { ...before, roles: ['auditor'] }, waiting: [] });
    expect(told.acknowledged.toSorted()).toEqual(['broker', 'consumer']);
    expect(await listedNow()).toEqual({ ...before, roles: ['auditor'] });
  });

  test('takes all away, and then nobody signs in for the member', async () => {
    expect(await isOpen()).toBe(true);
    const { exit, said } = await staff('clear', '--member', member);
    expect([exit, said]).toEqual([0, expect.stringContaining('abc-bank: nobody signs in for it')]);
    expect(await listedNow()).toBeUndefined();
    expect(await isOpen()).toBe(false);
    const shown = await staff('show', '--member', member, '--json');
    expect(JSON.parse(shown.said)).toEqual({ member, staff: null });
  });

  test('sets a provider and roles anew; that counts once witnesses have seen it', async () => {
    const provider = ['--issuer', before.issuer, '--client', before.client_id];
    const { exit, said } = await staff(
      ...['set', '--member', member, ...provider, '--roles', before.roles.join(', ')],
    );
    expect([exit, said]).toEqual([0, expect.stringContaining('acknowledged by')]);
    expect(said).toContain('counts once witnesses have seen the directory');
    await vi.waitUntil(isOpen, { timeout: 20_000, interval: 250 });
    expect(await listedNow()).toEqual(before);
  });
});

describe('causeway staff is refused, and the directory stays as it is', () => {
  const provider = (issuer: string) => ['--issuer', issuer, '--client', 'console'];
  test.each<[string, string[], number, string]>([
    ['for a member that there is not', ['clear', '--member', 'nobody'], 4, 'not_found'],
    ['for no change', ['set', '--member', 'abc-bank', '--roles', 'inquiry_clerk,auditor'], 4, 'conflict'],
    ['for a role that is none', ['set', '--member', 'abc-bank', '--roles', 'Clerk'], 4, 'bad_request'],
    ['for no role', ['set', '--member', 'abc-bank', '--roles', ''], 4, 'bad_request'],
    [
      'for a provider that is no address',
      ['set', '--member', 'abc-bank', '--roles', 'auditor', ...provider('idp.example')],
      ...([4, 'bad_request'] as const),
    ],
    [
      'for a member without a provider and none named',
      ['set', '--member', 'broker', '--roles', 'auditor'],
      2,
      'usage',
    ],
    ['without roles', ['set', '--member', 'abc-bank'], 2, 'usage: causeway staff'],
    ['without a member', ['clear'], 2, 'usage: causeway staff'],
    ['for a word that it does not know', ['give'], 2, "unknown command 'staff give'"],
  ])('%s', async (_what, args, code, words) => {
    const all = await entries();
    const { exit, said } = await staff(...args);
    expect([exit, said]).toEqual([code, expect.stringContaining(words)]);
    expect(await entries()).toEqual(all);
  });

  test('with --json as an object with the code', async () => {
    const { exit, said } = await staff('clear', '--member', 'nobody', '--json');
    expect(exit).toBe(4);
    expect(said).toContain('{"error":"not_found"}');
    expect(await listedNow()).toEqual(before);
  });

  test('where no federation is, as unreachable', async () => {
    const home = join(tmpdir(), 'no-federation-is-here');
    const { exit, said } = await causeway('staff', 'clear', '--member', member, '--home', home);
    expect([exit, said]).toEqual([3, expect.stringContaining('causeway up')]);
    expect(await listedNow()).toEqual(before);
  });
});
