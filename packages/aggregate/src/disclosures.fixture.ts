import { systemRandom, type Clock } from '@causeway/kernel';
import {
  generateKey,
  sign,
  signingKeyFromJwk,
  verify,
  type Disclosure,
  type KeyLookup,
  type SigningKey,
} from '@causeway/protocol';
import type { AccountRecord, CreditRecord, ObligationRecord } from '@causeway/records';
import type { BureauRow } from './rows.ts';

const clock: Clock = { now: () => Date.UTC(2026, 5, 1), monotonic: () => 0 };
const nowS = clock.now() / 1000;
const fed = 'sandbox';
const digest = (letter: string): `sha-256:${string}` => `sha-256:${letter.repeat(42)}A`;

const keys = new Map<string, SigningKey>(
  ['central', 'harbour', 'lotus', 'ocean'].map((id) => [id, signingKeyFromJwk(id, generateKey())]),
);
const lookup: KeyLookup = (kid) => {
  const key = [...keys.values()].find((one) => one.kid === kid);
  return key && { member: key.member, jwk: key.jwk, use: ['disclosure'], from: 0, member_status: 'active' };
};

/** The row of a bureau that disclosed these records. */
export function answered(
  bureau: string,
  records: CreditRecord[],
  claims: Partial<Pick<Disclosure, 'inquiry' | 'use' | 'subject_ref' | 'outcome'>> = {},
): BureauRow {
  const key = keys.get(bureau);
  if (!key) throw new RangeError('no such bureau in this test');
  const outcome = claims.outcome ?? (records.length > 0 ? 'answered' : 'empty');
  const signed = sign(
    'disclosure',
    {
      aud: 'abc-bank',
      exp: nowS + 900,
      subject_ref: `s1.1.${'A'.repeat(43)}`,
      inquiry: digest('i'),
      grant: digest('g'),
      use: 1,
      outcome,
      as_of: '2026-05-31',
      records,
      ...claims,
    },
    { key, fed, clock, random: systemRandom },
  );
  const context = {
    keys: lookup,
    fed,
    nowMs: clock.now(),
    audience: 'abc-bank',
    received: 'forwarded',
  } as const;
  return { bureau, outcome, disclosure: verify('disclosure', signed.jws, context) };
}

export const otherInquiry = digest('j');
export const contract = (letter: string) => digest(letter);

/** A loan of 24 monthly instalments. */
export const loan = (record_id: string, fields: Partial<AccountRecord> = {}): AccountRecord => ({
  record: 'account',
  record_id,
  source_record_id: `n-${record_id}`,
  as_of: '2026-05-31',
  category: 'ACCOUNT_SUMMARY',
  account_ref: `acc-${record_id}`,
  type: 'term',
  currency: 'CNY',
  status: 'normal',
  opened: '2025-01-05',
  original: '809520',
  balance: '404760',
  scheduled_due: '33730',
  overdue_total: '0',
  ...fields,
});

/** A monthly loan payment seen from the paying account. */
export const payment = (
  record_id: string,
  amount: string,
  fields: Partial<ObligationRecord> = {},
): ObligationRecord => ({
  record: 'obligation',
  record_id,
  source_record_id: `n-${record_id}`,
  as_of: '2026-05-31',
  category: 'ACCOUNT_DETAIL',
  kind: 'loan',
  instalment: { amount_minor: amount, currency: 'CNY' },
  frequency: 'month',
  status: 'active',
  ...fields,
});
