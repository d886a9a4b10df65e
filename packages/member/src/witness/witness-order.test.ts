import fc from 'fast-check';
import { expect, test } from 'vitest';

import { askInTurn } from './ask-in-turn.ts';
import { ledgerDirectory, witnessSigner } from './ledgers.fixture.ts';
import { witnessesFor } from './known-ledgers.ts';
import { witnessOrder } from './witness-order.ts';

const witnesses = Array.from({ length: 40 }, (_, at) => ({
  member: `bureau-${at}`,
  key: witnessSigner('lotus').key,
  isAuthority: at === 7,
}));
const namesFor = (origin: string, of = witnesses) => witnessOrder(origin, of).map(({ member }) => member);

test('the authority is first, and the order does not depend on that of the directory', () => {
  const check = fc.property(fc.shuffledSubarray(witnesses, { minLength: 40 }), (shuffled) => {
    expect(namesFor('o', shuffled)).toEqual(namesFor('o'));
  });
  fc.assert(check);
  expect(namesFor('o')[0]).toBe('bureau-7');
});

test('ledgers spread over the others, and who leaves moves only its own', () => {
  const seconds = Array.from({ length: 400 }, (_, at) => namesFor(`o/${at}`)[1]);
  expect(new Set(seconds).size).toBeGreaterThan(30);
  const without = witnesses.filter(({ member }) => member !== 'bureau-3');
  const after = seconds.map((_, at) => namesFor(`o/${at}`, without)[1]);
  expect(seconds.every((second, at) => second === 'bureau-3' || second === after[at])).toBe(true);
});

test('neither a node itself, nor a suspended one, nor one without key or listener is asked', () => {
  const view = ledgerDirectory({
    lotus: { status: 'suspended' },
    broker: { witness_key: undefined } as object,
    consumer: { endpoints: {} },
  });
  expect(witnessesFor(view, 'central').map(({ member }) => member)).toEqual(['authority']);
});

test('one that is late is not waited for while others are left, and not given up', async () => {
  const late = Promise.withResolvers<void>();
  const got: string[] = [];
  const ask = async (one: string): Promise<boolean> => {
    if (one === 'a') await late.promise;
    got.push(one);
    if (got.length === 3) late.resolve();
    return one !== 'c';
  };
  await askInTurn(['a', 'b', 'c', 'd'], ask, { wanted: 3, lateMs: 20 });
  expect(got).toEqual(['b', 'c', 'd', 'a']);
});

test('with enough nobody further is asked, and for one that fails the next is', async () => {
  const asked: string[] = [];
  const ask = async (one: string): Promise<boolean> => asked.push(one) !== 1;
  await askInTurn(['a', 'b', 'c', 'd'], ask, { wanted: 2, lateMs: 2000 });
  expect(asked).toEqual(['a', 'b', 'c']);
});
