import { readFileSync } from 'node:fs';
import { publishingRules } from '@causeway/records/publishing/rules';
import { expect, test } from 'vitest';
import { rulePage, rulePageFile } from './publishing-rule-pages.ts';

test.each(['en', 'zh'] as const)(
  'the page of the publishing rules (%s) is that of the registry',
  (language) => {
    expect(readFileSync(rulePageFile(language), 'utf8')).toBe(rulePage(language));
  },
);

test('every rule says what is wrong and what to do, in both languages, without a value', () => {
  for (const [id, { what, fix }] of Object.entries(publishingRules)) {
    for (const text of [what.en, fix.en])
      expect([id, text]).toEqual([id, expect.stringMatching(/^[A-Z].*\.$/u)]);
    for (const text of [what.zh, fix.zh])
      expect([id, text]).toEqual([id, expect.stringMatching(/\p{sc=Han}.*。$/u)]);
  }
});
