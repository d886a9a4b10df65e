import type { AccountRecord } from '@causeway/records';
import { usualQuirks } from '@causeway/sandbox/natives/ccrc/quirks';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { account, only, openWorld, today, yesterday } from './test-registry.ts';
import type { World } from './test-registry.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => await world.close());
beforeEach(() => {
  Object.assign(world.system.quirks, usualQuirks);
  world.system.failure = undefined;
  world.hold(account);
});

const quirks = (): World['system']['quirks'] => world.system.quirks;
const askAccount = async (): Promise<AccountRecord> => only(await world.ask(), 'account');

test.each([true, false])(
  'whole yuan become fen, with commas between thousands or without (%s)',
  async (on) => {
    quirks().commas = on;
    expect(await askAccount()).toMatchObject({ original: '120000000', balance: '8000000' });
  },
);

test('a dash is not applicable, an empty tag is unknown at the source, no tag is not reported', async () => {
  world.hold({ ...account, absent: { limit: 'not_applicable', due: 'unknown_at_source' } });
  const { absent, due, limit, used } = await askAccount();
  expect([limit, due, used]).toEqual([undefined, undefined, undefined]);
  expect(absent).toMatchObject({
    ...{ limit: 'not_applicable', due: 'unknown_at_source', used: 'not_reported' },
  });
});

test('a balance that is missing is never zero, and a zero is never missing', async () => {
  const { balance: _, ...without } = account;
  world.hold({ ...without, overdue_total: '0', absent: { balance: 'not_applicable' } });
  const read = await askAccount();
  expect(read.balance).toBeUndefined();
  expect(read.overdue_total).toBe('0');
  expect(read.absent).toMatchObject({ balance: 'not_applicable' });
});

test.each(['2014', '2014-12', '2018-06-20'])(
  'a date keeps the precision of its source: %s',
  async (opened) => {
    world.hold({ ...account, opened });
    expect((await askAccount()).opened).toBe(opened);
  },
);

test.each([true, false])(
  'a history is told newest first or oldest first (%s): the months decide',
  async (on) => {
    quirks().newestFirst = on;
    world.hold({ ...account, history: { to: '2026-10', states: 'N12N*' } });
    expect((await askAccount()).history).toEqual({ to: '2026-10', states: 'N12N*' });
  },
);

test('60 months count before 24: where they disagree E is kept, D by its name, and it is noted', async () => {
  quirks().historiesDisagree = true;
  const finding = await world.ask();
  const { history, native_ext } = only(finding, 'account');
  expect(history?.states).toBe('NN1NN');
  expect(native_ext).toEqual({ PD01DH: '2026-10=1' });
  expect(finding.notes).toContainEqual({ field: 'PD01DH', what: 'conflict' });
});

test('60 months are enough by themselves', async () => {
  quirks().twoHistories = false;
  expect((await askAccount()).history?.states).toBe('NN1NN');
});

test('a month that nobody reported between two others is unknown, not on time', async () => {
  world.hold({ ...account, history: { to: '2026-10', states: 'N#N', native: 'N N' } });
  expect((await askAccount()).history).toEqual({ to: '2026-10', states: 'N#N' });
});

test('amounts overdue are told for every month or kept by name: a missing one is no zero', async () => {
  world.hold({ ...account, native_ext: { PD01EJ01: '2026-08=50000' } });
  const finding = await world.ask();
  const { history, native_ext } = only(finding, 'account');
  expect(history?.overdue).toBeUndefined();
  expect(native_ext).toEqual({ PD01EJ01: '2026-08=50000' });
  expect(finding.notes).toContainEqual({ field: 'PD01EJ01', what: 'dropped' });
});

test('the dot in a name has two code points: either is the same person', async () => {
  quirks().otherDot = true;
  expect((await world.ask()).known).toBe(true);
  expect((await world.ask({ name: '𠮷田•娜迪拉' })).known).toBe(true);
  expect(world.system.requests.at(-1)?.name).toBe('𠮷田•娜迪拉');
});

test('the number of 15 digits in a report is the number of 18 that was asked for', async () => {
  quirks().oldNumbers = true;
  expect((await world.ask()).records).toHaveLength(1);
});

test('the same person under two numbers: the report is headed by the other one and lists ours', async () => {
  quirks().otherNumberFirst = true;
  expect((await world.ask()).records).toHaveLength(1);
});

test.each([
  ['term', '3', 'settled'],
  ['credit_card', '3', 'stopped'],
  ['credit_card', '31', 'stopped'],
  ['credit_card', '4', 'closed'],
  ['term', '4', 'bad_debt'],
  ['term', '5', 'transferred'],
  ['revolving_loan', '5', 'stopped'],
  ['semi_credit_card', '5', 'bad_debt'],
  ['revolving_draw', '6', 'collateral_short'],
  ['recovery', '1', 'collecting'],
  ['recovery', '2', 'ended'],
] as const)(
  'a code of a state is read by the type of its account: %s %s is %s',
  async (type, code, status) => {
    world.hold({ ...account, type, status, native_scheme: 'pboc2', native: { status: code } });
    expect(await askAccount()).toMatchObject({ type, status, native: { status: code } });
  },
);

test('a state that another type has is unknown for this one, with its code kept', async () => {
  world.hold({ ...account, type: 'recovery', native_scheme: 'pboc2', native: { status: '3' } });
  const finding = await world.ask();
  expect(only(finding, 'account')).toMatchObject({ status: 'unknown', native: { status: '3' } });
  expect(finding.notes).toContainEqual({ field: 'PD01BD01', what: 'unreadable' });
});

test('a code that no table has is unknown, never a guess: its own code is kept and noted', async () => {
  quirks().unknownCodes = true;
  const finding = await world.ask();
  expect(only(finding, 'account')).toMatchObject({
    ...{ status: 'unknown', business_kind: 'unknown', native: { status: '77', business_kind: '77' } },
    history: { to: '2026-10', states: 'NN1N#', native: 'NN1NX' },
  });
  const noted = ['PD01AD03', 'PD01BD01', 'PD01ED01'].map((field) => ({ field, what: 'unreadable' }));
  expect(finding.notes).toEqual(expect.arrayContaining(noted));
});

test('an account of a type that the model lacks is not passed over in silence', async () => {
  world.hold({ ...account, native_scheme: 'pboc2', native: { type: 'D9' } });
  const finding = await world.ask();
  expect(only(finding, 'annotation')).toMatchObject({ category: 'ACCOUNT_SUMMARY', kind: 'bureau_note' });
  expect(finding.records).toHaveLength(1);
  expect(finding.notes).toContainEqual({ field: 'PD01', what: 'unreadable' });
});

test('what is true today is shown tomorrow, and says of which day it is', async () => {
  world.hold({ ...account, as_of: today }, { ...account, account_ref: 'ACC-2', as_of: yesterday });
  expect(await askAccount()).toMatchObject({ account_ref: 'ACC-2', as_of: yesterday });
});

test('an entry without a day of its own is of the day before the report', async () => {
  const penalty = { record: 'public_record', category: 'PUBLIC_RECORD', kind: 'penalty' } as const;
  world.hold({
    ...penalty,
    record_id: 'p',
    source_record_id: 'p',
    as_of: '2026-01-01',
    decided_on: '2025-07',
  });
  expect(only(await world.ask(), 'public_record').as_of).toBe(yesterday);
});

test('a time without a zone is one of Shanghai', async () => {
  quirks().timesForDays = true;
  world.hold({ ...account, opened: '2024-01-05' });
  expect((await askAccount()).opened).toBe('2024-01-05');
});

test('a time with a zone is brought to Shanghai before its day is taken', async () => {
  const score = { record: 'score', category: 'SCORE', model: 'm', min: 0, max: 1000 } as const;
  world.hold({
    ...{ ...score, record_id: 's', source_record_id: 's', as_of: '2026-01-01', value: 700 },
    direction: 'higher_safer',
  });
  quirks().zone = 'Z';
  expect(only(await world.ask(), 'score').as_of).toBe(yesterday);
});

test('a question is sent at the time of Shanghai, where a day begins eight hours earlier', async () => {
  await world.ask();
  expect(world.system.requests.at(-1)).toMatchObject({ sendTime: '20261126 00:30:00', authDate: '20261126' });
});

test.each([
  ['utf-8', 'UTF-8'],
  ['gb18030', 'GB18030'],
] as const)('a report is read in the encoding that it declares: %s', async (encoding, declares) => {
  Object.assign(quirks(), { encoding, declares });
  const text = '本人声明：该笔贷款非本人办理𠮷';
  world.hold({ ...account, marks: [{ kind: 'subject_statement', text, added_on: '2026-02-01' }] });
  expect((await askAccount()).marks).toEqual([{ kind: 'subject_statement', text, added_on: '2026-02-01' }]);
});

test('the latest state counts before an older month, which is kept with its month', async () => {
  const native_ext = { PD01CR01: '2026-09', PD01CJ01: '90,000' };
  world.hold({ ...account, as_of: '2026-10-15', native_ext });
  expect(await askAccount()).toMatchObject({ balance: '8000000', as_of: '2026-10-15', native_ext });
});

test('a later month counts before an older latest state, which is kept with its day', async () => {
  const native_ext = { PD01BR03: '2026-09-15', PD01BJ01: '90,000', PD01BD01: '2' };
  world.hold({ ...account, as_of: '2026-10', native_ext });
  expect(await askAccount()).toMatchObject({
    ...{ balance: '8000000', status: 'normal', as_of: '2026-10', native_ext },
  });
});
