import type { CreditRecord } from '@causeway/records';
import { purposeCodes, purposes } from '@causeway/records/purposes';
import fc from 'fast-check';

import * as any from './test-arbitraries.ts';
import * as codes from './codes.ts';
import { queryReason } from './inquiries.ts';
import { today, yesterday } from './test-registry.ts';

type Fields = Readonly<Record<string, unknown>>;

const { count, day, line, month, oneOfKeys, partialDate, reference, share, someOf, wholeAmount, yuan } = any;

/** Parts of a record, drawn and joined; the ids are the adapter's own. */
const joined = (fixed: Fields, ...parts: readonly fc.Arbitrary<object>[]): fc.Arbitrary<CreditRecord> =>
  fc.tuple(...parts).map(
    (found) =>
      ({
        record_id: 'r',
        source_record_id: 's',
        as_of: yesterday,
        ...fixed,
        ...(Object.assign({}, ...found) as object),
      }) as CreditRecord,
  );

const fixed = (values: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> =>
  fc.record(values);

const marked = any.marked(today);
const earlier = partialDate.filter((text) => text < today);

const stateCodes = { lease: 'D1', securities_financing: 'D1' } as Readonly<Record<string, string>>;
const typeCodes = Object.fromEntries(Object.entries(codes.accountTypes).map(([code, type]) => [type, code]));
const types = [...Object.keys(typeCodes), 'lease', 'securities_financing'];

/** What kinds of business an account's type leaves open. */
function businessOf(type: string): fc.Arbitrary<object> {
  if (type === 'lease') return fc.constant({ business_kind: 'financial_lease' });
  const securities = ['repo_securities', 'pledged_stock_repo', 'margin_financing'];
  if (type === 'securities_financing')
    return fc.constantFrom(...securities).map((one) => ({ business_kind: one }));
  const special = new Set(['financial_lease', ...securities]);
  return fc
    .constantFrom(...Object.values(codes.businessKinds).filter((kind) => !special.has(kind)))
    .map((business_kind) => ({ business_kind }));
}

const history = fc
  .record({ to: month, states: any.states(60), withAmounts: fc.boolean() })
  .chain(({ to, states, withAmounts }) =>
    withAmounts
      ? fc
          .array(wholeAmount('JPY'), { minLength: states.length, maxLength: states.length })
          .map((amounts) => ({
            to,
            states,
            overdue: amounts.map((units) => (units === '0' ? '0' : `${units}00`)),
          }))
      : fc.constant({ to, states }),
  )
  .map((one) => ({ history: one }));

const buckets = (currency: string): fc.Arbitrary<object> =>
  fc
    .record(
      Object.fromEntries(
        ['d31_60', 'd61_90', 'd91_180', 'd181'].map((name) => [name, wholeAmount(currency)]),
      ),
      { requiredKeys: [] },
    )
    .filter((found) => Object.keys(found).length > 0);

function accountOf(account_ref: string, currency: string): fc.Arbitrary<CreditRecord> {
  const amount = wholeAmount(currency);
  return fc.constantFrom(...types).chain((type) =>
    joined(
      { record: 'account', category: 'ACCOUNT_SUMMARY', account_ref, currency, type },
      fixed({
        as_of: earlier,
        status: oneOfKeys(codes.statesByType[typeCodes[type] ?? stateCodes[type] ?? ''] ?? {}),
      }),
      businessOf(type),
      currency === 'CNY' ? fc.oneof(fc.constant({}), history) : fc.constant({}),
      marked,
      someOf({
        ...{ lender_ref: reference, lender_type: oneOfKeys(codes.institutionTypes), opened: partialDate },
        ...{ due: partialDate, closed: partialDate, last_paid_on: partialDate, original: amount },
        ...{ limit: amount, shared_limit: amount, balance: amount, used: amount, scheduled_due: amount },
        ...{ actual_paid: amount, overdue_total: amount, average_used_6m: amount, peak_used: amount },
        ...{
          overdue_terms: count,
          term_count: count,
          remaining_terms: count,
          class5: oneOfKeys(codes.class5),
        },
        ...{
          repayment_frequency: oneOfKeys(codes.frequencies),
          security_kind: oneOfKeys(codes.securityKinds),
        },
        ...{ joint_role: oneOfKeys(codes.jointRoles), overdue_principal: buckets(currency) },
      }),
    ),
  );
}

function eventOf(account_ref: string, currency: string): fc.Arbitrary<CreditRecord> {
  const amount = wholeAmount(currency).map((amount_minor) => ({ amount_minor, currency }));
  const event = { record: 'account_event', category: 'ACCOUNT_DETAIL', account_ref };
  const change = fc.integer({ min: -600, max: 600 });
  return fc.oneof(
    joined(
      event,
      fixed({ kind: oneOfKeys(codes.specialTransactions), on: partialDate }),
      someOf({ amount, term_change_months: change, text: line }),
    ),
    joined({ ...event, kind: 'special_event' }, fixed({ on: month })),
    joined({ ...event, kind: 'large_instalment' }, fixed({ on: partialDate, amount })),
  );
}

/** Some accounts, each with events of its own. */
const accounts = fc
  .uniqueArray(reference, { minLength: 1, maxLength: 3 })
  .chain((refs) =>
    fc.tuple(
      ...refs.map((ref) =>
        any.currencies.chain((currency) =>
          fc
            .tuple(accountOf(ref, currency), fc.array(eventOf(ref, currency), { maxLength: 2 }))
            .map(([account, events]) => [account, ...events]),
        ),
      ),
    ),
  )
  .map((lists) => lists.flat());

const facility = any.currencies.chain((currency) =>
  joined(
    { record: 'facility', category: 'ACCOUNT_DETAIL', currency },
    fixed({
      ...{ agreement_ref: reference, kind: oneOfKeys(codes.facilityKinds) },
      status: fc.constantFrom('effective', 'ended', 'unknown'),
    }),
    marked,
    someOf({
      ...{ lender_ref: reference, limit: wholeAmount(currency), sub_limit: wholeAmount(currency) },
      ...{ used: wholeAmount(currency), valid_from: partialDate, valid_to: partialDate },
    }),
  ),
);

const liability = any.currencies.chain((currency) =>
  joined(
    { record: 'liability', category: 'GUARANTEE', currency },
    fixed({ contract_ref: reference, role: oneOfKeys(codes.liabilityRoles), as_of: earlier }),
    marked,
    someOf({
      ...{ for_subject: oneOfKeys(codes.partyKinds), business_kind: oneOfKeys(codes.businessKinds) },
      ...{ lender_ref: reference, responsibility: wholeAmount(currency), balance: wholeAmount(currency) },
      ...{ class5: oneOfKeys(codes.class5), overdue_months: count, opened: partialDate, due: partialDate },
    }),
  ),
);

const postpaid = fc.tuple(month, any.states(24), fc.boolean()).chain(([as_of, states, known]) =>
  joined(
    {
      record: 'postpaid',
      category: 'POSTPAID',
      as_of,
      ...(known ? { history: { to: as_of, states } } : {}),
    },
    fixed({ sector: oneOfKeys(codes.postpaidSectors), status: oneOfKeys(codes.postpaidStates) }),
    marked,
    someOf({ opened: partialDate, arrears: yuan }),
  ),
);

type Drawn = Readonly<Record<string, fc.Arbitrary<unknown>>>;
const [filed_on, decided_on, ended_on] = [partialDate, partialDate, partialDate];
const [authority, case_no, result] = [line, line, line];
const [amount_claimed, amount_paid] = [wholeAmount('CNY'), wholeAmount('CNY')];

const shared: Readonly<Record<string, Drawn>> = {
  tax_arrears: { authority, amount_claimed, filed_on },
  judgment: { authority, case_no, filed_on, decided_on, result, amount_claimed },
  enforcement: { authority, case_no, filed_on, ended_on, result, amount_claimed, amount_paid },
  penalty: { authority, case_no, result, amount_claimed, decided_on, ended_on },
  housing_fund: { filed_on, ended_on },
  licence: { authority, case_no, result, decided_on, ended_on },
  award: { authority, result, decided_on, ended_on },
};
const personal = { ...shared, social_aid: { filed_on, decided_on } };
const corporate = {
  ...shared,
  customs_inspection: { authority, result, decided_on, ended_on },
  financing_limit: { authority, amount_claimed, amount_paid, decided_on, ended_on },
};

const publicRecord = (kinds: Readonly<Record<string, Drawn>>): fc.Arbitrary<CreditRecord> =>
  fc.constantFrom(...Object.entries(kinds)).chain(([kind, fields]) => {
    const drawn = someOf(fields).map((found) =>
      'amount_claimed' in found || 'amount_paid' in found ? { ...found, currency: 'CNY' } : found,
    );
    return joined({ record: 'public_record', category: 'PUBLIC_RECORD', kind }, marked, drawn);
  });

const reasons = fc
  .uniqueArray(reference, { minLength: 1, maxLength: 5 })
  .map((found) => ({ reasons: found.map((code, at) => ({ rank: at + 1, code })) }));
const scored = { model: 'pboc-numeric-reading', min: 0, max: 1000, direction: 'higher_safer' };
const score = joined(
  { record: 'score', category: 'SCORE', ...scored },
  fc.oneof(
    fc.integer({ min: 0, max: 1000 }).map((value) => ({ value })),
    fc.constant({ unscorable_reason: 'not_scored', absent: { value: 'not_applicable' } }),
    fc.constant({ unscorable_reason: 'unknown', absent: { value: 'unknown_at_source' } }),
  ),
  fc.oneof(fc.constant({}), reasons),
  fc.oneof(
    fc.constant({}),
    share.map((percentile_ppm) => ({ percentile_ppm })),
  ),
);

const purpose = fc.constantFrom(...purposeCodes.filter((one) => queryReason(one) !== undefined));
const inquiry = joined(
  { record: 'inquiry', category: 'INQUIRY' },
  purpose.map((one) => ({ purpose: one, kind: purposes[one].kind })),
  fixed({ on: day, requester_ref: reference }),
  someOf({ requester_type: oneOfKeys(codes.institutionTypes) }),
);

const annotation = joined(
  { record: 'annotation' },
  any.mark('subject_statement'),
  fixed({ category: oneOfKeys(codes.markedCategories) }),
);

const identity = joined(
  { record: 'profile', category: 'IDENTITY', kind: 'person' },
  fixed({ birth_date: day, as_of: earlier }),
  someOf({
    ...{ sex: oneOfKeys(codes.sexes), nationality: fc.constantFrom('CN', 'DE') },
    marital_status: oneOfKeys(codes.maritalStates),
  }),
);
const employment = joined(
  { record: 'profile', category: 'EMPLOYMENT', kind: 'person' },
  fixed({ education: oneOfKeys(codes.educations), as_of: earlier }),
  someOf({
    ...{ degree: oneOfKeys(codes.degrees), employment_status: oneOfKeys(codes.employmentStates) },
    ...{ occupation: oneOfKeys(codes.occupations), industry: any.word },
  }),
);

const list = (one: fc.Arbitrary<CreditRecord>, maxLength = 2) => fc.array(one, { maxLength });

/** What a personal report can say, whole. */
export const personalRecords: fc.Arbitrary<CreditRecord[]> = fc
  .tuple(
    ...[accounts, list(facility), list(liability), list(postpaid), list(publicRecord(personal), 4)],
    ...[list(score, 1), list(inquiry, 4), list(annotation), list(identity, 1), list(employment, 1)],
  )
  .map((lists) => lists.flat());

const company = joined(
  { record: 'profile', category: 'IDENTITY', kind: 'enterprise' },
  someOf({
    ...{ org_type: any.word, economic_type: any.word, size: any.word, industry: any.word, status: any.word },
    ...{ founded: partialDate, licence_expires: partialDate, registered_capital: yuan },
  }),
);
const relation = joined(
  { record: 'relation', category: 'OWNERSHIP' },
  fixed({
    ...{
      kind: fc.constantFrom('shareholder', 'actual_controller', 'officer', 'parent'),
      party_ref: reference,
    },
    party_kind: fc.constantFrom('person', 'enterprise'),
  }),
  someOf({
    ...{ role: fc.constantFrom('chair', 'supervisor', 'other'), ratio_ppm: share, contribution: yuan },
    ...{ since: partialDate, until: partialDate },
  }),
);
const statement = any.currencies.chain((currency) =>
  joined(
    { record: 'statement', category: 'FINANCIALS', currency },
    fixed({
      ...{ kind: fc.constantFrom('balance_sheet', 'income', 'cash_flow'), period: partialDate },
      ...{ span: fc.constantFrom('year', 'half_year', 'quarter', 'month'), standard: any.word },
      items: fc.dictionary(
        any.word.map((one) => one.replaceAll('.', '_')),
        wholeAmount(currency, true),
        {
          ...{ minKeys: 1, maxKeys: 5 },
        },
      ),
    }),
  ),
);
const rating = joined(
  { record: 'rating', category: 'FINANCIALS' },
  fixed({ agency: any.word, grade: fc.constantFrom('AAA', 'AA+', 'B-') }),
  someOf({ outlook: fc.constantFrom('positive', 'stable', 'negative'), rated_on: partialDate }),
);

/** What an enterprise's report can say, whole. */
export const enterpriseRecords: fc.Arbitrary<CreditRecord[]> = fc
  .tuple(
    ...[accounts, list(facility), list(liability), list(postpaid), list(publicRecord(corporate), 4)],
    ...[list(company, 1), list(relation, 3), list(statement), list(rating), list(annotation)],
  )
  .map((lists) => lists.flat());
