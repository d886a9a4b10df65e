import type { CreditRecord, RecordOf } from '../record.ts';

/** What a table for one kind of record may name. */
type FieldsOf<K extends CreditRecord['record']> = readonly Exclude<
  keyof RecordOf<K>,
  'record' | 'category'
>[];

const account = ['lender_ref', 'business_kind', 'opened', 'original', 'balance', 'overdue_total'] as const;
const lent = [...account, 'due', 'term_count', 'repayment_frequency', 'class5', 'history'] as const;
const card = ['lender_ref', 'opened', 'limit', 'used', 'overdue_total', 'scheduled_due', 'history'] as const;

/** Fields of an account beside the required ones, by its type. */
const accountFields: Readonly<Record<RecordOf<'account'>['type'], FieldsOf<'account'>>> = {
  term: lent,
  revolving_loan: [...lent, 'limit'],
  credit_card: card,
  semi_credit_card: card,
  revolving_draw: lent,
  recovery: ['lender_ref', 'opened', 'original', 'balance'],
  lease: lent,
  securities_financing: account,
};

const otherFields: {
  readonly [K in Exclude<CreditRecord['record'], 'account' | 'profile'>]: FieldsOf<K>;
} = {
  account_event: ['amount'],
  annotation: [],
  conditional: ['amount', 'period', 'basis'],
  facility: ['lender_ref', 'limit', 'used', 'valid_from', 'valid_to'],
  inquiry: ['requester_type'],
  liability: ['lender_ref', 'responsibility', 'balance', 'class5', 'opened', 'due'],
  obligation: ['payee_ref', 'opened'],
  postpaid: ['opened', 'arrears', 'history'],
  public_record: ['authority', 'case_no', 'decided_on'],
  rating: ['outlook', 'rated_on'],
  relation: ['role', 'ratio_ppm', 'since'],
  score: ['value', 'model_version', 'reasons'],
  statement: ['audited'],
  watchlist: ['severity', 'occurred', 'refreshed_on'],
};

const person = [
  'birth_date',
  'sex',
  'nationality',
  'marital_status',
  'education',
  'employment_status',
] as const;
const enterprise = ['org_type', 'size', 'industry', 'founded', 'status', 'registered_capital'] as const;

/**
 * The optional fields that a good file fills for a record of this kind: what completeness counts. The
 * required ones are there or the line was refused.
 */
export function expectedFields(record: CreditRecord): readonly string[] {
  if (record.record === 'account') return accountFields[record.type];
  if (record.record === 'profile') return record.kind === 'person' ? person : enterprise;
  return otherFields[record.record];
}
