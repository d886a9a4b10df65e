import { describe, expect, test } from 'vitest';
import { EnterpriseProfileSchema, PersonProfileSchema } from '../profile.ts';
import { purposeCodes } from '../purposes.ts';
import { plainRecordSchemas } from '../record.ts';
import { pbocAccountStates } from './pboc-accounts.ts';
import { codeLists, entryOf } from './index.ts';

interface FieldShape {
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
}

const properties = (kind: string) =>
  plainRecordSchemas[kind as keyof typeof plainRecordSchemas].properties as Readonly<
    Record<string, FieldShape>
  >;

const list = (name: string) => {
  const found = codeLists.find((each) => each.name === name);
  if (!found) throw new Error(`no list ${name}`);
  return found;
};

const meaning = (name: string, code: string, scope?: string) => entryOf(list(name), code, scope)?.canonical;

describe('code lists', () => {
  test('each has its own name, an edition and a source that anybody can look up', () => {
    expect(new Set(codeLists.map(({ name }) => name)).size).toBe(codeLists.length);
    for (const { name, scheme, version, source } of codeLists) {
      expect(name).toMatch(/^[a-z0-9-]+$/u);
      expect(name.startsWith(scheme)).toBe(true);
      expect(version).not.toBe('');
      expect(source.length).toBeGreaterThan(40);
    }
  });

  test.each(codeLists.map((each) => [each.name, each] as const))(
    '%s: no code has two meanings',
    (_, { entries }) => {
      const keys = entries.flatMap(({ code, scope = [''] }) => scope.map((type) => `${type} ${code}`));
      expect(new Set(keys).size).toBe(keys.length);
      for (const { en, zh } of entries) {
        expect(en).toMatch(/^[ -~—’]+$/u);
        expect(zh).toMatch(/\p{Script=Han}/u);
      }
    },
  );

  test.each(codeLists.map((each) => [each.name, each] as const))(
    '%s: every canonical value is one that its field can have',
    (_, { field, entries }) => {
      const [kind = '', name = ''] = field.split('.');
      const shape = properties(kind)[name];
      expect(shape).toBeDefined();
      const said = entries.flatMap(({ canonical }) => (canonical === null ? [] : [canonical]));
      const allowed = shape?.enum ?? said;
      expect(said.filter((value) => !allowed.includes(value))).toEqual([]);
      const pattern = shape?.pattern ?? '';
      expect(said.filter((value) => !new RegExp(pattern, 'u').test(value))).toEqual([]);
    },
  );

  test('a state of the PBOC report means something only together with its account type', () => {
    expect(['D1', 'R1', 'R2', 'C1'].map((type) => meaning('pboc-account-states', '5', type))).toEqual([
      'transferred',
      'stopped',
      'bad_debt',
      undefined,
    ]);
    expect(meaning('pboc-account-states', '1', 'C1')).toBe('collecting');
    expect(meaning('pboc-account-states', '5')).toBeUndefined();
    const types = new Set<string>(pbocAccountStates.entries.flatMap(({ scope }) => scope));
    expect([...types].toSorted()).toEqual(
      list('pboc-account-types')
        .entries.map(({ code }) => code)
        .toSorted(),
    );
  });

  test.each([
    ['pboc-class5', '7'],
    ['pboc-frequencies', '1'],
    ['pboc-special-transactions', '6'],
    ['pboc-query-reasons', '2'],
    ['metro2-account-status', '72'],
    ['tuef-repayment-states', '901'],
    ['tuef-repayment-states', '45'],
    ['zhima-watchlist-sectors', 'aa'],
    ['zhima-amount-bands', 'M15'],
  ])('%s has no code %s, and makes none up', (name, code) => {
    expect(entryOf(list(name), code)).toBeUndefined();
  });

  test('every purpose with a PBOC code is in the list of query reasons, under that code', () => {
    const { entries } = list('pboc-query-reasons');
    expect(entries.length).toBe(15);
    for (const { canonical } of entries) expect(purposeCodes).toContain(canonical);
    expect(meaning('pboc-query-reasons', '02')).toBe('LOAN_APPROVAL');
    expect(meaning('pboc-query-reasons', '01')).toBe('POST_LOAN');
  });

  test('bands of an amount follow each other without a gap', () => {
    const bands = list('zhima-amount-bands').entries.flatMap(({ band }) => (band ? [band] : []));
    expect(bands).toHaveLength(14);
    expect(entryOf(list('zhima-amount-bands'), 'M05')?.band).toEqual({
      above: '300000',
      to: '400000',
      currency: 'CNY',
    });
    expect(bands.slice(1).map(({ above }) => above)).toEqual(bands.slice(0, -1).map(({ to }) => to));
    expect(bands.at(-1)?.to).toBeNull();
  });

  test('no list says anything of a profile that has no place there', () => {
    const profile = { ...PersonProfileSchema.properties, ...EnterpriseProfileSchema.properties };
    const fields = codeLists.map(({ field }) => field.split('.'));
    expect(fields.filter(([kind, name = '']) => kind === 'profile' && !(name in profile))).toEqual([]);
  });
});
