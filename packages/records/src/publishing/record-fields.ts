import type { TSchema } from 'typebox';
import { MinorSchema, PDateSchema, SignedMinorSchema, DateSchema } from '../primitives.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from '../profile.ts';
import { plainRecordSchemas } from '../record.ts';
import type { RecordRule } from './mapping.ts';

/** What a canonical field holds, by its schema. */
export type Shape =
  | 'money'
  | 'money_or_band'
  | 'minor'
  | 'signed_minor'
  | 'history'
  | 'integer'
  | 'boolean'
  | 'day'
  | 'partial_date'
  | 'text'
  | 'nested';

/** One canonical field that a mapping can fill: of the record itself, or of a member of one of its fields. */
export interface RecordField {
  readonly schema: TSchema;
  readonly shape: Shape;
  readonly required: boolean;
}

type Properties = Readonly<Record<string, TSchema>>;

interface ObjectParts {
  readonly properties: Properties;
  readonly required: readonly string[];
}

/** The schema of the record that a rule makes; undefined for a profile that does not say of whom. */
export function recordSchemaOf(rule: RecordRule): ObjectParts | undefined {
  if (rule.record !== 'profile') return partsOf(plainRecordSchemas[rule.record]);
  const kind = rule.fields['kind'];
  if (!kind || !('const' in kind)) return undefined;
  if (kind.const === 'person') return partsOf(PersonProfileSchema);
  return kind.const === 'enterprise' ? partsOf(EnterpriseProfileSchema) : undefined;
}

function partsOf(schema: TSchema): ObjectParts {
  const parts = new Map<string, unknown>(Object.entries(schema));
  return {
    properties: (parts.get('properties') ?? {}) as Properties,
    required: (parts.get('required') ?? []) as string[],
  };
}

/** Fields that no mapping fills: the record's own kind, and what the engine derives. */
const derived: ReadonlySet<string> = new Set(['record', 'absent', 'display_state', 'display_override']);

/**
 * The field of this name, or undefined. A name with a point is a member of a field: of an object
 * ('overdue_principal.d31_60') or of a map ('items.total_assets', 'native.status'). Lists (marks, co_lenders,
 * score reasons) cannot be filled from the columns of a line.
 */
export function recordField({ properties, required }: ObjectParts, name: string): RecordField | undefined {
  const [outer = '', ...rest] = name.split('.');
  const schema = Object.hasOwn(properties, outer) ? properties[outer] : undefined;
  if (schema === undefined || derived.has(outer)) return undefined;
  if (rest.length === 0) return fieldOf(schema, required.includes(outer));
  const inner = memberOf(schema, rest.join('.'));
  return inner && fieldOf(inner, false);
}

function fieldOf(schema: TSchema, required: boolean): RecordField | undefined {
  const shape = shapeOf(schema);
  return shape === undefined ? undefined : { schema, shape, required };
}

function memberOf(schema: TSchema, name: string): TSchema | undefined {
  const parts = new Map<string, unknown>(Object.entries(schema));
  const patterns = parts.get('patternProperties') as Properties | undefined;
  const [found] = Object.entries(patterns ?? {});
  if (found) return new RegExp(found[0], 'u').test(name) ? found[1] : undefined;
  if (shapeOf(schema) !== 'nested') return undefined;
  const { properties } = partsOf(schema);
  return Object.hasOwn(properties, name) ? properties[name] : undefined;
}

const patternOf = (schema: TSchema): unknown =>
  new Map<string, unknown>(Object.entries(schema)).get('pattern');

const byPattern = new Map<unknown, Shape>([
  [patternOf(MinorSchema), 'minor'],
  [patternOf(SignedMinorSchema), 'signed_minor'],
  [patternOf(DateSchema), 'day'],
  [patternOf(PDateSchema), 'partial_date'],
]);

function shapeOf(schema: TSchema): Shape | undefined {
  const parts = new Map<string, unknown>(Object.entries(schema));
  const type = parts.get('type');
  if (type === 'array') return undefined;
  if (parts.has('anyOf')) {
    const members = parts.get('anyOf') as TSchema[];
    return members.some((member) => shapeOf(member) === 'money') ? 'money_or_band' : 'text';
  }
  if (type === 'object') {
    const { properties } = partsOf(schema);
    if (Object.hasOwn(properties, 'states')) return 'history';
    return Object.hasOwn(properties, 'amount_minor') ? 'money' : 'nested';
  }
  if (type === 'integer' || type === 'boolean') return type;
  return byPattern.get(parts.get('pattern')) ?? 'text';
}

/** Where a record's rule names no category, of several. */
const usualCategories: Readonly<Record<string, string>> = {
  account: 'ACCOUNT_DETAIL',
  facility: 'ACCOUNT_DETAIL',
  obligation: 'ACCOUNT_DETAIL',
  profile: 'IDENTITY',
};

/** The category of a record whose rule names none: the only one there is, or the usual one, if any. */
export function categoryOf(rule: RecordRule, { properties }: ObjectParts): string | undefined {
  const only: unknown = properties['category'] && Reflect.get(properties['category'], 'const');
  return typeof only === 'string' ? only : usualCategories[rule.record];
}
