import { expect, test } from 'vitest';
import { categoriesOf } from './category-list.ts';

test('categories are read from a list, with or without spaces', () => {
  expect(categoriesOf(undefined)).toBeUndefined();
  expect(categoriesOf('SCORE, WATCHLIST')).toEqual(['SCORE', 'WATCHLIST']);
});

test.each(['', 'score', 'SCORE,', 'LOCATION', 'all'])('"%s" is no list of categories', (text) => {
  expect(() => categoriesOf(text)).toThrow(/is no category; one of IDENTITY,/u);
});
