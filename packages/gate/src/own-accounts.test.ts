import type { AccountRecord } from '@causeway/records';
import { earlierInquiry, loan, payment, person } from '@causeway/records/record.fixture';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withinObligations } from './own-accounts.ts';

const mine = (change: Partial<AccountRecord> = {}): AccountRecord => ({
  ...loan,
  record_id: 'mine',
  lender_ref: 'abc-bank',
  ...change,
});
const theirs: AccountRecord = { ...loan, record_id: 'theirs', lender_ref: 'evergreen' };
const unnamed: AccountRecord = (({ lender_ref: _lender, ...rest }) => rest)(loan);
const others = [theirs, unnamed, payment, earlierInquiry, person];

const within = (records: Parameters<typeof withinObligations>[0], ...obligations: string[]) =>
  withinObligations(records, { lender: 'abc-bank', obligations: ['log', ...obligations] });
const refusedBy = (rule: string) => ({ against: { code: 'not_authorised', rule } });

test('without such an obligation everything goes to the projection', () => {
  expect(within(others)).toEqual({ records: others });
});

describe('own.open_account', () => {
  test('all of it where the asker has an open account here', () => {
    const records = [...others, mine()];
    expect(within(records, 'own.open_account')).toEqual({ records });
    expect(within([mine({ status: 'bad_debt' })], 'own.open_account')).toHaveProperty('records');
  });

  test.each<[string, AccountRecord[]]>([
    ['no account at all', []],
    ['accounts of others only', [theirs, unnamed]],
    ['a settled account', [mine({ status: 'settled' })]],
    ['a transferred account', [mine({ status: 'transferred' })]],
    ['a closed account', [mine({ status: 'closed' })]],
    ['an ended one', [mine({ status: 'ended' })]],
    ['one whose state nobody knows', [mine({ status: 'unknown' })]],
    ['one with a day of closing', [mine({ closed: '2025-05-01' })]],
    ['one of a lender whose name begins alike', [mine({ lender_ref: 'abc-bank-2' })]],
  ])('S16 nothing where the asker has %s', (_what, accounts) => {
    expect(within([...accounts, person, payment], 'own.open_account')).toEqual(refusedBy('own.open_account'));
  });
});

describe('own.accounts_only', () => {
  test('the own accounts and nothing else, whatever the bureau holds', () => {
    const both = [mine(), mine({ record_id: 'old', status: 'settled' })];
    expect(within([...others, ...both], 'own.accounts_only')).toEqual({ records: both });
    expect(within(others, 'own.accounts_only')).toEqual({ records: [] });
  });

  test('S16 with both obligations nothing goes out where no own account is open', () => {
    const records = [mine({ status: 'settled' }), theirs];
    const both = ['own.accounts_only', 'own.open_account'];
    expect(within(records, ...both)).toEqual(refusedBy('own.open_account'));
    expect(within([mine(), theirs], ...both)).toEqual({ records: [mine()] });
  });
});

test('an obligation of this kind that is not known here is a refusal', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z_]{1,12}$/u), (name) => {
      fc.pre(!['open_account', 'accounts_only'].includes(name));
      expect(within([mine()], `own.${name}`)).toEqual(refusedBy(`own.${name}`));
    }),
  );
});
