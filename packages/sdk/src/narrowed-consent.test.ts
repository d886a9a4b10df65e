import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isNarrowed, type RequestParts } from './narrowed-consent.ts';

const asked: RequestParts = {
  categories: ['ACCOUNT_SUMMARY', 'SCORE', 'PUBLIC_RECORD'],
  bureaus: ['central', 'lotus', 'harbour'],
  optional: { categories: ['SCORE', 'PUBLIC_RECORD'], bureaus: ['lotus'] },
};
type Given = Parameters<typeof isNarrowed>[0];
const narrowed = (categories: string[], bureaus: string[], of = asked): boolean =>
  isNarrowed({ categories, bureaus } as Given, of);

test('a consent without optional parts is the one that was asked for', () => {
  expect(narrowed(['ACCOUNT_SUMMARY', 'SCORE'], asked.bureaus)).toBe(true);
  expect(narrowed(asked.categories, ['central', 'harbour'])).toBe(true);
  expect(narrowed(['ACCOUNT_SUMMARY'], ['harbour', 'central'])).toBe(true);
});

test.each<[string, string[], string[]]>([
  ['without a required category', ['SCORE'], asked.bureaus],
  ['without a required bureau', ['ACCOUNT_SUMMARY'], ['central', 'lotus']],
  ['with a category beside', ['ACCOUNT_SUMMARY', 'IDENTITY'], asked.bureaus],
  ['with a bureau beside', ['ACCOUNT_SUMMARY'], ['central', 'harbour', 'registry']],
  ['with all of it, on another form', asked.categories, asked.bureaus],
])('a consent %s is another one', (_what, categories, bureaus) => {
  expect(narrowed(categories, bureaus)).toBe(false);
});

test('nothing is narrowed where nothing is optional', () => {
  const whole = { categories: asked.categories, bureaus: asked.bureaus };
  fc.assert(
    fc.property(fc.subarray(whole.categories), fc.subarray(whole.bureaus), (categories, bureaus) => {
      expect(narrowed(categories, bureaus, whole)).toBe(false);
    }),
  );
});
