import type { MemberEntry } from '@causeway/protocol/member-entry';
import { expect, test } from 'vitest';
import { allScopes, scopesAt, scopesOf } from './scopes.ts';

type Role = MemberEntry['roles'][number];

const member = (id: string, ...roles: Role[]): MemberEntry => ({
  v: 1,
  id,
  legal_name: id,
  roles,
  class: 'A',
  jurisdiction: 'CN',
  status: 'active',
  keys: [],
  endpoints: {},
  certificates: [],
});

const [authority, broker, consumer] = [
  member('authority', 'authority'),
  member('broker', 'broker'),
  member('consumer', 'consumer'),
];
const [central, lotus, bank] = [
  member('central', 'bureau'),
  member('lotus', 'bureau'),
  member('abc-bank', 'lender'),
];

test('each scope counts at one kind of service, for the roles that need it', () => {
  expect(scopesAt(broker, bank)).toEqual(['inquiry.read']);
  expect(scopesAt(consumer, bank)).toEqual([
    ...['consent.request', 'corrections.read', 'adverse-actions.report'],
  ]);
  expect(scopesAt(authority, bank)).toEqual(['refs.derive']);
  expect(scopesAt(central, central)).toEqual(['records.publish', 'disputes.handle']);
  expect(scopesAt(authority, central)).toEqual(['refs.derive']);
  expect(scopesAt(broker, broker)).toEqual(['queue.operate']);
});

test('nobody gets a scope at a service that is not for it', () => {
  for (const [service, client] of [
    [central, bank],
    [broker, central],
    [consumer, broker],
    [bank, broker],
    [authority, broker],
  ] as const) {
    expect(scopesAt(service, client)).toEqual([]);
  }
});

test('a bureau publishes to itself, not to another bureau', () => {
  expect(scopesAt(lotus, central)).toEqual([]);
});

test('a broker operates itself, not another broker', () => {
  expect(scopesAt(broker, member('other-broker', 'broker'))).toEqual([]);
});

test('no role has a scope that is not listed, and a broker may do nothing but operate itself', () => {
  for (const role of ['authority', 'consumer', 'broker', 'bureau', 'lender'] as const) {
    expect(allScopes).toEqual(expect.arrayContaining(scopesOf([role])));
  }
  expect(scopesOf(['broker'])).toEqual(['queue.operate']);
});
