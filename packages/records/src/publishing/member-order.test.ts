import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MemberOrder } from './member-order.ts';

const name = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.integer()));
const record = fc.dictionary(name, value, { maxKeys: 12 });

test('what is made has the members that were given, in the order of their names', () => {
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 80 }), (records) => {
      const order = new MemberOrder(records.flatMap((each) => Object.keys(each)));
      for (const each of records) {
        const made = order.object(order.values(each));
        expect(made).toEqual({ ...each });
        expect(Object.keys(made)).toEqual(Object.keys(each).toSorted());
      }
    }),
  );
});

test('a member that is not there is left out, one that is null is kept', () => {
  const order = new MemberOrder(['b', 'a', 'c', 'a']);
  const values = [undefined, null, undefined];
  values[order.at('c')] = 7 as never;
  expect(JSON.stringify(order.object(values))).toBe('{"b":null,"c":7}');
});

test('more members than have bits are in order too, and objects share nothing', () => {
  const names = Array.from({ length: 60 }, (_, at) => `m${String(at).padStart(2, '0')}`);
  const order = new MemberOrder(names.toReversed());
  const values = names.map((_, at) => (at % 2 === 0 ? at : undefined));
  const [one, other] = [order.object(values), order.object(values)];
  one['m00'] = 'changed';
  expect(Object.keys(other)).toEqual(names.filter((_, at) => at % 2 === 0));
  expect(other['m00']).toBe(0);
});
