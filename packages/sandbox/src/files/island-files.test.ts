import { readFileSync } from 'node:fs';
import { checkPublication } from '@causeway/sdk';
import { checkGb11643, checkGb32100 } from '@causeway/records';
import { expect, test } from 'vitest';
import { sandboxCharacters, sandboxSubject, sandboxSubjects } from '../people/persons.ts';
import { islandFiles } from './island-files.ts';
import { debtsOf } from './story-accounts.ts';

const subjects = sandboxSubjects();

test('a thousand persons and a hundred enterprises, the story first, all numbers valid', () => {
  expect(subjects.filter(({ kind }) => kind === 'person')).toHaveLength(1_000);
  expect(subjects.filter(({ kind }) => kind === 'enterprise')).toHaveLength(100);
  expect(subjects[0]?.id).toBe('li-na');
  for (const { kind, identifier } of subjects) {
    expect(kind === 'person' ? checkGb11643(identifier.value) : checkGb32100(identifier.value)).toBe(true);
  }
});

test('no sandbox number can be anybody’s: all lie in the region that GB/T 2260 assigns to no place', () => {
  for (const { kind, identifier } of subjects) {
    expect(identifier.value.slice(kind === 'person' ? 0 : 2)).toMatch(/^990000/);
  }
});

test('the same people and debts come out every time', () => {
  expect(sandboxSubjects()).toEqual(subjects);
  expect(islandFiles(debtsOf(sandboxSubjects()))).toEqual(islandFiles(debtsOf(subjects)));
});

test('a customer number is one invented person, by itself or by their number', () => {
  const { identifier } = sandboxSubject('customer:17');
  expect(identifier.value).toMatch(/^99000018/u);
  expect(sandboxSubject(identifier.value).identifier).toEqual(identifier);
  expect(sandboxSubjects().map((subject) => subject.identifier.value)).not.toContain(identifier.value);
});

test('refused: a person whom the sandbox does not have', () => {
  expect(() => sandboxSubject('nobody')).toThrow('nobody');
  expect(() => sandboxSubject('customer:x')).toThrow(RangeError);
  expect(() => sandboxSubject('110105194912310021')).toThrow('no sandbox person');
  expect(sandboxCharacters().map(({ id }) => id)).toContain('wu-conflict');
});

test.each(islandFiles(debtsOf(subjects)))('$bureau’s mapping takes every line of its file', async (file) => {
  const mapping = readFileSync(new URL(`../../mappings/${file.mapping}.json`, import.meta.url), 'utf8');
  const check = await checkPublication(mapping, new TextEncoder().encode(file.text));
  expect(check.rejections).toEqual([]);
  expect(check.accepted).toBeGreaterThan(500);
});

test('refused: a file cut in the middle of a line is refused whole', async () => {
  const [file] = islandFiles(debtsOf(subjects));
  const mapping = readFileSync(new URL(`../../mappings/${file?.mapping}.json`, import.meta.url), 'utf8');
  const cut = new TextEncoder().encode(file?.text.slice(0, -40));
  await expect(checkPublication(mapping, cut)).rejects.toMatchObject({ code: 'file_truncated' });
});
