import { categories } from '@causeway/sdk';
import { expect, test } from 'vitest';
import { categoriesOf } from './category-list.ts';

test('categories are read from a list, and all of them by one word', () => {
  expect(categoriesOf(undefined)).toBeUndefined();
  expect(categoriesOf('SCORE, WATCHLIST')).toEqual(['SCORE', 'WATCHLIST']);
  expect(categoriesOf('all')).toEqual(categories);
});

test.each(['', 'score', 'SCORE,', 'LOCATION', 'all,SCORE'])('"%s" is no list of categories', (text) => {
  expect(() => categoriesOf(text)).toThrow(/is no category; one of IDENTITY,/u);
});
