import type { Category } from './categories.ts';
import type { AccountRecord, CreditRecord } from './record.ts';

/** Fields of an account that its summary shows: enough to count a debt, and to count it once. */
const accountSummary: readonly (keyof AccountRecord)[] = [
  'account_ref',
  'type',
  'currency',
  'status',
  'lender_ref',
  'contract_digest',
  'opened',
  'original',
  'limit',
  'balance',
  'scheduled_due',
  'overdue_total',
];

/** Fields that ACCOUNT_DETAIL adds. */
const accountDetail: readonly (keyof AccountRecord)[] = [
  'status_native',
  'business_kind',
  'lender_type',
  'joint_role',
  'security_kind',
  'due',
  'closed',
  'used',
  'actual_paid',
  'last_paid_on',
  'overdue_terms',
  'term_count',
  'remaining_terms',
  'repayment_frequency',
  'class5',
  'overdue_principal',
  'shared_limit',
  'average_used_6m',
  'peak_used',
  'rate_ppm',
  'co_lenders',
];

const envelopeFields: ReadonlySet<string> = new Set([
  'record',
  'category',
  'record_id',
  'source_institution',
  'source_record_id',
  'as_of',
  'reported_on',
  'version',
  'display_state',
  'is_adverse',
  'notice_id',
  'adverse_started_on',
  'first_delinquency_on',
  'adverse_ended_on',
  'expires_on',
  'retention_rule',
  'batch',
  'basis',
  'display_override',
  'marks',
  'notice_exemption',
  'native_scheme',
]);

/** Members that say something about other fields, by their names. */
const byField = ['absent', 'native'] as const;

/** Fields of a person's profile that need EMPLOYMENT; the rest needs IDENTITY. */
const employmentFields: ReadonlySet<string> = new Set([
  'education',
  'degree',
  'employment_status',
  'occupation',
  'industry',
]);

/** What may not leave its bureau at all, whatever was consented. */
const withheldStates: ReadonlySet<string | undefined> = new Set(['suppressed', 'restricted', 'expired']);

/**
 * The part of a record that the categories open, or null where they open none of it. The list of fields is a
 * list of what is allowed, so that a field added to the model stays closed until a category names it.
 */
export function projectRecord(record: CreditRecord, categories: readonly Category[]): CreditRecord | null {
  if (withheldStates.has(record.display_state)) return null;
  const open = new Set<Category>(categories);
  if (!open.has(record.category)) return null;
  const need = needOf(record);
  if (need === undefined) return record;
  return pick(record, (field) => need(field)?.every((category) => open.has(category)) === true);
}

/**
 * The fewest categories that let a record out as it is, or undefined where nothing does. With all of them the
 * projection changes nothing, so that a stored text can travel unread.
 */
export function openingCategories(record: CreditRecord): readonly Category[] | undefined {
  if (withheldStates.has(record.display_state)) return undefined;
  const needed = new Set<Category>([record.category]);
  const need = needOf(record);
  if (need === undefined) return [...needed];
  for (const fields of [record, record.absent, record.native]) {
    for (const field in fields) {
      if (field === 'absent' || field === 'native' || envelopeFields.has(field)) continue;
      const own = need(field);
      if (own === undefined) return undefined;
      for (const category of own) needed.add(category);
    }
  }
  return [...needed];
}

/**
 * The categories that a field needs beside its record's own; undefined for a field without a place, which
 * nothing opens.
 */
type FieldNeed = (field: string) => readonly Category[] | undefined;

/** What the fields of a kind need, or undefined where the category of the record opens all of them. */
export function needOf(
  record: Pick<CreditRecord, 'record'> & { readonly kind?: unknown },
): FieldNeed | undefined {
  if (record.record === 'account') return accountNeed;
  return record.record === 'profile' && record.kind === 'person' ? profileNeed : undefined;
}

const [summaryFields, detailFields] = [new Set<string>(accountSummary), new Set<string>(accountDetail)];

/** What the source says beyond the model may be anything that the record could hold: it needs all of it. */
const beyondModel = 'native_ext';

function accountNeed(field: string): readonly Category[] | undefined {
  if (summaryFields.has(field)) return [];
  if (field === 'history') return ['REPAYMENT_HISTORY'];
  if (field === beyondModel) return ['ACCOUNT_DETAIL', 'REPAYMENT_HISTORY'];
  return detailFields.has(field) ? ['ACCOUNT_DETAIL'] : undefined;
}

function profileNeed(field: string): readonly Category[] {
  if (field === 'kind') return [];
  if (field === beyondModel) return ['IDENTITY', 'EMPLOYMENT'];
  return employmentFields.has(field) ? ['EMPLOYMENT'] : ['IDENTITY'];
}

/**
 * True where the record holds nothing beyond the categories: what a receiver checks before it keeps an
 * answer.
 */
export function withinCategories(record: CreditRecord, categories: readonly Category[]): boolean {
  return openingCategories(record)?.every((category) => categories.includes(category)) === true;
}

/**
 * A copy with the envelope and the fields that `allowed` names, and of `absent` and `native` what concerns
 * those fields.
 */
function pick<R extends CreditRecord>(record: R, allowed: (field: string) => boolean): R {
  const kept = (field: string) => envelopeFields.has(field) || allowed(field);
  const staying = (field: string) => kept(field) || byField.some((name) => name === field);
  const copy = Object.fromEntries(Object.entries(record).filter(([field]) => staying(field)));
  for (const name of byField) {
    const entries = Object.entries(record[name] ?? {}).filter(([field]) => kept(field));
    // In its own place, so that a record that is opened whole is the same text as before.
    if (entries.length > 0) copy[name] = Object.fromEntries(entries);
    else delete copy[name];
  }
  return copy as R;
}
