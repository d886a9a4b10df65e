import { generateKey, kidOf } from '@causeway/protocol/keys';
import { type MemberEntry, parseMemberEntry } from '@causeway/protocol/member-entry';
import { describe, expect, test } from 'vitest';
import { makeApplicant } from '../test-kit/applicant.ts';
import { publicPart } from '../test-kit/officers.ts';
import type { MemberAct } from './act.ts';
import { admittedEntry, applyAct } from './member-acts.ts';

const NOW = 1_800_000_000;
const made = makeApplicant('test-fed', 'abc-bank', 'lender');
const entry = admittedEntry(made.application, [], NOW);
const kid = kidOf('abc-bank', publicPart(made.statement));

const act = (more: Record<string, unknown>) =>
  ({ fed: 'test-fed', iat: NOW, jti: 'x', member: 'abc-bank', ...more }) as MemberAct;

describe('the first entry', () => {
  test('its keys may do what the role may, each for one purpose', () => {
    expect(entry.keys.map(({ use }) => use)).toEqual([['inquiry', 'assistance'], ['client-auth']]);
    expect(entry.status).toBe('active');
  });

  test.each(['consumer', 'broker', 'bureau', 'lender'] as const)(
    'a %s has an entry that every node can read',
    (role) => {
      const { application } = makeApplicant('test-fed', `some-${role}`, role);
      const first = admittedEntry(application, role === 'lender' ? [] : ['a'.repeat(64)], NOW);
      expect(parseMemberEntry(JSON.stringify(first))).toEqual(first);
      expect(first.keys.flatMap(({ use }) => use)).not.toContain('directory');
    },
  );
});

describe('acts', () => {
  test('suspend and reinstate change the status and come back to the same text', () => {
    const suspended = applyAct(entry, act({ act: 'suspend' }), NOW);
    expect(suspended.status).toBe('suspended');
    expect(JSON.stringify(applyAct(suspended, act({ act: 'reinstate' }), NOW))).toBe(JSON.stringify(entry));
  });

  test('revoke and retire mark one key, with the time of the authority', () => {
    const revoked = applyAct(entry, act({ act: 'revoke_key', kid }), NOW + 5);
    expect(revoked.keys.map((key) => key.revoked_at)).toEqual([NOW + 5, undefined]);
    const retired = applyAct(entry, act({ act: 'retire_key', kid }), NOW + 5);
    expect(retired.keys.map((key) => key.retired_at)).toEqual([NOW + 5, undefined]);
    expect(applyAct(retired, act({ act: 'revoke_key', kid }), NOW + 9).keys[0]?.revoked_at).toBe(NOW + 9);
  });

  test('how a member’s staff sign in is set, changed and taken out, and every node reads it', () => {
    const staff = { issuer: 'https://idp.example', client_id: 'console', roles: ['auditor', 'clerk'] };
    const listed = applyAct(entry, act({ act: 'set_staff', staff }), NOW);
    expect(parseMemberEntry(JSON.stringify(listed))).toEqual({ ...entry, staff });
    const less = { ...staff, roles: ['auditor'] };
    expect(applyAct(listed, act({ act: 'set_staff', staff: less }), NOW).staff).toEqual(less);
    expect(applyAct(listed, act({ act: 'set_staff' }), NOW)).toEqual(entry);
    for (const [from, same] of [
      [listed, { staff }],
      [entry, {}],
    ] as const) {
      expect(() => applyAct(from, act({ act: 'set_staff', ...same }), NOW)).toThrow(/conflict/u);
    }
  });

  test('a certificate is listed beside the others, and taken out again, the last one too', () => {
    const [one, two] = ['a'.repeat(64), 'b'.repeat(64)];
    const listed = { ...entry, certificates: [one] };
    const added = applyAct(listed, act({ act: 'add_certificate', csr: 'x' }), NOW, { thumbprint: two });
    expect(added.certificates).toEqual([one, two]);
    const removed = applyAct(added, act({ act: 'remove_certificate', thumbprint: one }), NOW);
    expect(removed.certificates).toEqual([two]);
    expect(applyAct(removed, act({ act: 'remove_certificate', thumbprint: two }), NOW).certificates).toEqual(
      [],
    );
  });

  test('a key that is added counts from now on, beside the others', () => {
    const jwk = publicPart(generateKey());
    const after = applyAct(entry, act({ act: 'add_key', jwk, use: ['inquiry'] }), NOW + 5);
    expect(after.keys.slice(0, 2)).toEqual(entry.keys);
    expect(after.keys[2]).toEqual({ jwk, use: ['inquiry'], from: NOW + 5 });
  });

  const tree = publicPart(generateKey());
  const node = admittedEntry(makeApplicant('test-fed', 'abc-bureau', 'bureau').application, [], NOW);
  const replace = (of: 'ledger' | 'witness', at = NOW + 5, jwk = tree) =>
    act({ act: 'replace_tree_key', tree: of, jwk, iat: at });

  test('S11 another key of a ledger stands in the place of the old one, which is listed as retired', () => {
    const after = applyAct(node, replace('ledger'), NOW + 5);
    expect(after).toEqual({
      ...node,
      ledger_key: tree,
      retired_ledger_keys: [{ jwk: node.ledger_key, retired_at: NOW + 5 }],
    });
    expect(parseMemberEntry(JSON.stringify(after))).toEqual(after);
    const again = applyAct(after, replace('ledger', NOW + 9, publicPart(generateKey())), NOW + 9);
    expect(again.retired_ledger_keys?.map(({ retired_at }) => retired_at)).toEqual([NOW + 5, NOW + 9]);
  });

  test('S11 another key that cosigns leaves nothing of the one before: it could put any time', () => {
    expect(applyAct(node, replace('witness'), NOW + 5)).toEqual({ ...node, witness_key: tree });
  });

  test('a node that was admitted before there were trees gets its keys, and nothing is retired', () => {
    const { ledger_key: _ledger, witness_key: _witness, ...older } = node;
    expect(applyAct(older, replace('ledger'), NOW)).toEqual({ ...older, ledger_key: tree });
    expect(applyAct(older, replace('witness'), NOW)).toEqual({ ...older, witness_key: tree });
  });

  const worn: MemberEntry = {
    ...node,
    retired_ledger_keys: Array.from({ length: 8 }, () => ({
      jwk: publicPart(generateKey()),
      retired_at: NOW,
    })),
  };
  const revoked = applyAct(entry, act({ act: 'revoke_key', kid }), NOW);
  const certificates = Array.from({ length: 16 }, (_, n) => n.toString(16).repeat(64));
  const full: MemberEntry = { ...entry, certificates };
  const authority: MemberEntry = { ...entry, id: 'authority', roles: ['authority'] };
  const jwk = publicPart(generateKey());
  test.each<[string, MemberEntry, Record<string, unknown>, RegExp]>([
    ['suspend the suspended', { ...entry, status: 'suspended' }, { act: 'suspend' }, /conflict/u],
    ['reinstate the active', entry, { act: 'reinstate' }, /conflict/u],
    ['suspend the authority', authority, { act: 'suspend' }, /conflict/u],
    ['revoke the revoked', revoked, { act: 'revoke_key', kid }, /conflict/u],
    ['retire the revoked', revoked, { act: 'retire_key', kid }, /conflict/u],
    ['revoke what is not there', entry, { act: 'revoke_key', kid: 'abc-bank:x' }, /not_found/u],
    [
      "revoke another member's key",
      entry,
      { act: 'revoke_key', kid: kid.replace('abc', 'xyz') },
      /not_found/u,
    ],
    ['add a use of another role', entry, { act: 'add_key', jwk, use: ['grant'] }, /role_not_permitted/u],
    ['add a directory key', entry, { act: 'add_key', jwk, use: ['directory'] }, /role_not_permitted/u],
    ['add a token key', entry, { act: 'add_key', jwk, use: ['access-token'] }, /role_not_permitted/u],
    ['mix uses', entry, { act: 'add_key', jwk, use: ['inquiry', 'client-auth'] }, /application_invalid/u],
    ['add a seventeenth certificate', full, { act: 'add_certificate', csr: 'x' }, /conflict/u],
    [
      'remove a certificate that is not there',
      full,
      { act: 'remove_certificate', thumbprint: 'x' },
      /not_found/u,
    ],
    ['give a lender a ledger', entry, { ...replace('ledger') }, /role_not_permitted/u],
    ['let a lender cosign', entry, { ...replace('witness') }, /role_not_permitted/u],
    [
      'replace the key of the ledger that proves directories',
      authority,
      { ...replace('ledger') },
      /conflict/u,
    ],
    ['retire a ninth key', worn, { ...replace('ledger') }, /conflict/u],
    ['sign a tree with a private key', node, { ...replace('ledger'), jwk: generateKey() }, /weak_key/u],
    ['add a private key', entry, { act: 'add_key', jwk: generateKey(), use: ['inquiry'] }, /weak_key/u],
  ])('no act can %s', (_what, of, what, reason) => {
    expect(() => applyAct(of, act(what), NOW, { thumbprint: 'f'.repeat(64) })).toThrow(reason);
  });
});
