import { datePattern, isPartialDate, monthPattern } from '@causeway/kernel';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { mended } from './mended-record.fixture.ts';
import { CurrencySchema, DigestSchema, PDateSchema, TextSchema } from './primitives.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { plainRecordSchemas, type CreditRecord } from './record.ts';

/** What of JSON Schema the model's schemas use. */
interface Shape {
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly type?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly patternProperties?: Readonly<Record<string, Shape>>;
}

const LIST_LENGTH_MAX = 3;

const day = fc
  .stringMatching(/^(19[5-9]|20[0-4])[0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/u)
  .filter(isPartialDate);

const shapeOf = (schema: TSchema): Shape => JSON.parse(JSON.stringify(schema)) as Shape;
const patternOf = (schema: TSchema): string => shapeOf(schema).pattern ?? '';

/** Texts whose pattern says less than the rules do, or more than a generator can follow. */
const texts: Readonly<Record<string, fc.Arbitrary<string>>> = {
  [datePattern]: day,
  [monthPattern]: day.map((date) => date.slice(0, 7)),
  [patternOf(PDateSchema)]: fc
    .tuple(day, fc.constantFrom(4, 7, 10))
    .map(([date, precision]) => date.slice(0, precision)),
  [patternOf(TextSchema)]: fc.stringMatching(/^[a-z，。一-龥𠮷][a-z ，。一-龥𠮷·]{0,30}$/u),
  [patternOf(DigestSchema)]: fc.stringMatching(/^sha-256:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/u),
  [patternOf(CurrencySchema)]: fc.constantFrom('CNY', 'USD', 'JPY', 'KWD'),
};

function arbitraryOf(shape: Shape): fc.Arbitrary<unknown> {
  if ('const' in shape) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  if (shape.anyOf) return fc.oneof(...shape.anyOf.map(arbitraryOf));
  if (shape.type === 'boolean') return fc.boolean();
  if (shape.type === 'integer') return fc.integer({ min: shape.minimum ?? 0, max: shape.maximum ?? 1000 });
  if (shape.type === 'string') return textOf(shape);
  if (shape.items) {
    const maxLength = Math.min(shape.maxItems ?? LIST_LENGTH_MAX, LIST_LENGTH_MAX);
    return fc.array(arbitraryOf(shape.items), { minLength: shape.minItems ?? 0, maxLength });
  }
  return objectOf(shape);
}

function textOf({ pattern, maxLength = 16 }: Shape): fc.Arbitrary<string> {
  if (pattern === undefined) return fc.string({ maxLength: Math.min(maxLength, 24), unit: 'grapheme' });
  return texts[pattern] ?? fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' });
}

function objectOf({ properties, required = [], patternProperties, minProperties = 0 }: Shape) {
  const [entry] = Object.values(patternProperties ?? {});
  if (entry) {
    const name = fc.stringMatching(/^[a-z]{2}_[a-z]{3}[0-9]{2}$/u);
    return fc.dictionary(name, arbitraryOf(entry), { minKeys: minProperties, maxKeys: 4 });
  }
  const model = Object.fromEntries(
    Object.entries(properties ?? {}).map(([name, shape]) => [name, arbitraryOf(shape)]),
  );
  return fc.record(model, { requiredKeys: [...required] });
}

/** Records of a schema: each is one that may enter, and each rule that binds two fields is kept. */
function recordsOf<R extends CreditRecord>(schema: TSchema): fc.Arbitrary<R> {
  return arbitraryOf(shapeOf(schema)).map((record) => mended(record as R));
}

type Named = { [K in keyof typeof plainRecordSchemas]: Extract<CreditRecord, { record: K }> };

const plain = Object.fromEntries(
  Object.entries(plainRecordSchemas).map(([kind, schema]) => [kind, recordsOf(schema)]),
) as { readonly [K in keyof Named]: fc.Arbitrary<Named[K]> };

/** Records of each kind, by its name; profiles by whose they are. */
export const recordArbitraries = {
  ...plain,
  person_profile: recordsOf(PersonProfileSchema),
  enterprise_profile: recordsOf(EnterpriseProfileSchema),
};

/** A record of any kind. */
export const anyRecord: fc.Arbitrary<CreditRecord> = fc.oneof(
  ...Object.values<fc.Arbitrary<CreditRecord>>(recordArbitraries),
);
