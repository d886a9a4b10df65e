import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { recordDoubts, recordRules, surroundingsOf, type SubjectKind } from './record-rules.ts';
import { plainRecordSchemas } from './record.ts';
import type { CreditRecord } from './record.ts';

export type { SubjectKind };

/** Why a record may not enter: the field, the rule it breaks, and one sentence that repeats no value. */
export interface RecordFault {
  readonly field: string;
  readonly rule: 'schema' | (typeof recordRules)[number]['id'];
  readonly message: string;
}

/** What is odd about a record that may enter all the same; said like a fault. */
export interface RecordWarning {
  readonly field: string;
  readonly rule: (typeof recordDoubts)[number]['id'];
  readonly message: string;
}

/** A record with what is odd about it, or why it is none. */
export type ReadRecord =
  | { readonly record: CreditRecord; readonly warnings: readonly RecordWarning[] }
  | { readonly faults: readonly RecordFault[] };

type CompiledSchema = ReturnType<typeof Compile<TSchema>>;

const schemas = new Map<string, TSchema>([
  ...Object.entries<TSchema>(plainRecordSchemas),
  ['profile person', PersonProfileSchema],
  ['profile enterprise', EnterpriseProfileSchema],
]);

/** Compiled at the first use, so that a process pays only for the kinds of record that it meets. */
const compiled = new Map<string, CompiledSchema>();

function compiledFor(name: string): CompiledSchema | undefined {
  const known = compiled.get(name);
  const schema = schemas.get(name);
  if (known !== undefined || schema === undefined) return known;
  const made = Compile(schema);
  compiled.set(name, made);
  return made;
}

/**
 * Reads anything as a record: its schema first, then the rules a schema cannot say. Adverse information about
 * a person needs the prior notice of the Regulation on the Credit Reporting Industry, article 15.
 */
export function readRecord(value: unknown, subjectKind: SubjectKind): ReadRecord {
  const ofSchema = schemaFaults(value);
  if (ofSchema.length > 0) return { faults: ofSchema };
  const record = value as CreditRecord;
  const around = surroundingsOf(record, subjectKind);
  const faults = recordRules.flatMap(({ id, message, breaks }) =>
    breaks(record, around).map((field): RecordFault => ({ field, rule: id, message })),
  );
  if (faults.length > 0) return { faults };
  const warnings = recordDoubts.flatMap(({ id, message, breaks }) =>
    breaks(record).map((field): RecordWarning => ({ field, rule: id, message })),
  );
  return { record, warnings };
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

function validatorFor(value: unknown): CompiledSchema | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { record, kind } = value as { record?: unknown; kind?: unknown };
  if (typeof record !== 'string') return undefined;
  return compiledFor(record === 'profile' ? `profile ${String(kind)}` : record);
}

function namedMember(keyword: string, params: object): string | undefined {
  const named = params as { requiredProperties?: string[]; additionalProperties?: string[] };
  if (keyword === 'required') return named.requiredProperties?.[0];
  return keyword === 'additionalProperties' ? named.additionalProperties?.[0] : undefined;
}
