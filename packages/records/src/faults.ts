import { isCurrency, isPartialDate } from '@causeway/kernel';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { carriesIdentifier } from './identifiers.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { plainRecordSchemas } from './record.ts';
import type { CreditRecord } from './record.ts';

/** Why a record may not enter: the field, the rule it breaks, and one sentence that repeats no value. */
export interface RecordFault {
  readonly field: string;
  readonly rule:
    | 'schema'
    | 'date'
    | 'currency'
    | 'absence'
    | 'identifier_in_record'
    | 'adverse_notice'
    | 'conditional_basis';
  readonly message: string;
}

export type SubjectKind = 'person' | 'enterprise';

const compiled: Readonly<Record<string, ReturnType<typeof Compile<TSchema>>>> = Object.fromEntries(
  Object.entries<TSchema>(plainRecordSchemas).map(([name, schema]) => [name, Compile(schema)]),
);

const profiles = { person: Compile(PersonProfileSchema), enterprise: Compile(EnterpriseProfileSchema) };

const dateFields = [
  'as_of',
  'reported_on',
  'adverse_started_on',
  'first_delinquency_on',
  'adverse_ended_on',
  'opened',
  'due',
  'closed',
  'last_paid_on',
  'on',
  'birth_date',
  'founded',
  'licence_expires',
  'expires_on',
  'valid_from',
  'valid_to',
  'filed_on',
  'decided_on',
  'ended_on',
  'public_register_until',
  'occurred',
  'refreshed_on',
  'added_on',
  'ends_on',
  'since',
  'until',
  'period',
  'rated_on',
] as const;

/** Reads anything as a record: its schema first, then the rules a schema cannot say. */
export function readRecord(
  value: unknown,
  subjectKind: SubjectKind,
): { readonly record: CreditRecord } | { readonly faults: readonly RecordFault[] } {
  const faults = schemaFaults(value);
  if (faults.length > 0) return { faults };
  const record = value as CreditRecord;
  const found = [...dateFaults(record), ...valueFaults(record, subjectKind)];
  return found.length > 0 ? { faults: found } : { record };
}

function schemaFaults(value: unknown): RecordFault[] {
  const validator = validatorFor(value);
  if (!validator) return [{ field: 'record', rule: 'schema', message: 'is not a known kind of record' }];
  if (validator.Check(value)) return [];
  const errors = validator.Errors(value).filter(({ keyword }) => keyword !== 'boolean');
  return errors.map(({ keyword, instancePath, params, message }) => {
    const named = namedMember(keyword, params);
    const field = [...instancePath.split('/').slice(1), ...(named === undefined ? [] : [named])].join('.');
    return { field: field || 'record', rule: 'schema', message };
  });
}

function validatorFor(value: unknown): ReturnType<typeof Compile<TSchema>> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { record, kind } = value as { record?: unknown; kind?: unknown };
  if (record === 'profile') return kind === 'person' || kind === 'enterprise' ? profiles[kind] : undefined;
  return typeof record === 'string' && Object.hasOwn(compiled, record) ? compiled[record] : undefined;
}

function namedMember(keyword: string, params: object): string | undefined {
  const named = params as { requiredProperties?: string[]; additionalProperties?: string[] };
  if (keyword === 'required') return named.requiredProperties?.[0];
  return keyword === 'additionalProperties' ? named.additionalProperties?.[0] : undefined;
}

function dateFaults(record: CreditRecord): RecordFault[] {
  const values: Readonly<Record<string, unknown>> = record;
  return dateFields
    .filter((field) => typeof values[field] === 'string' && !isPartialDate(values[field]))
    .map((field) => ({ field, rule: 'date', message: 'is a day that does not exist' }));
}

function valueFaults(record: CreditRecord, subjectKind: SubjectKind): RecordFault[] {
  const faults: RecordFault[] = [];
  for (const [field, value] of Object.entries(record)) {
    if (typeof value === 'string' && carriesIdentifier(value)) {
      faults.push({
        field,
        rule: 'identifier_in_record',
        message: 'carries the number of a person or enterprise',
      });
    }
    if (record.absent && Object.hasOwn(record.absent, field)) {
      faults.push({ field, rule: 'absence', message: 'has a value and a reason for having none' });
    }
  }
  if (currencies(record).some((currency) => !isCurrency(currency))) {
    faults.push({ field: 'currency', rule: 'currency', message: 'has no known minor unit' });
  }
  const lacking = subjectKind === 'person' ? lackingOfPerson(record) : undefined;
  if (lacking) faults.push(lacking);
  return faults;
}

/**
 * What a record about a person lacks before it may enter. Adverse information needs the prior notice of the
 * Regulation on the Credit Reporting Industry, article 15, or a named exemption, unless it is `restricted`,
 * which nobody is shown. What article 14, second paragraph, names needs the person's written consent.
 */
export function lackingOfPerson(record: CreditRecord): RecordFault | undefined {
  const noticed = record.notice_id !== undefined || record.notice_exemption !== undefined;
  if (record.is_adverse === true && !noticed && record.display_state !== 'restricted') {
    return { field: 'notice_id', rule: 'adverse_notice', message: 'is needed for adverse information' };
  }
  if (record.record === 'conditional' && record.basis?.consent === undefined) {
    return { field: 'basis', rule: 'conditional_basis', message: 'must name the written consent' };
  }
  return undefined;
}

/** Every currency that a record names, at whatever depth. */
function currencies(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'currency' && typeof member === 'string' ? [member] : currencies(member),
  );
}
