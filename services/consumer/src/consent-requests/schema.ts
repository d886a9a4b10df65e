import { CategorySchema, PurposeSchema } from '@causeway/records';
import { limits } from '@causeway/kernel';
import Type, { type Static } from 'typebox';

const member = Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' });
const distinct = { minItems: 1, uniqueItems: true } as const;

/** What a lender says that it offers; nobody checks it, and it is shown as declared. Decimal strings. */
const productSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    amount: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})?$' })),
    /** ISO 4217; there where the amount is. */
    currency: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    /** Annual percentage rate: per cent of a year. */
    apr: Type.Optional(Type.String({ pattern: '^(0|[1-9][0-9]{0,3})(\\.[0-9]{1,4})?$' })),
  },
  { additionalProperties: false },
);

/** Categories and bureaus of a request. */
const parts = {
  categories: Type.Array(CategorySchema, { ...distinct, maxItems: 20 }),
  /** By name; there is no "all". */
  bureaus: Type.Array(member, { ...distinct, maxItems: limits.bureausMax }),
};

const frequencySchema = Type.Object(
  { uses: Type.Integer({ minimum: 1, maximum: 100_000 }), per: Type.Enum(['day', 'month']) },
  { additionalProperties: false },
);

/** At most so many uses in a calendar day or month. */
export type Frequency = Static<typeof frequencySchema>;

/** What the subject may leave out; the rest is required. */
const optionalSchema = Type.Object(
  { categories: Type.Optional(parts.categories), bureaus: Type.Optional(parts.bureaus) },
  { additionalProperties: false },
);

export type OptionalParts = Static<typeof optionalSchema>;

export type DeclaredProduct = Static<typeof productSchema>;

/** What a lender asks a subject to agree to. */
export const consentRequestBody = Type.Object(
  {
    subject_ref: Type.String({ pattern: '^s1\\.[0-9a-z]{1,8}\\.[A-Za-z0-9_-]{43}$' }),
    kind: Type.Literal('query'),
    purposes: Type.Array(PurposeSchema, { ...distinct, maxItems: 8 }),
    ...parts,
    optional: Type.Optional(optionalSchema),
    valid_days: Type.Integer({ minimum: 1, maximum: 3660 }),
    fetch: Type.Enum(['once', 'periodic']),
    max_uses: Type.Integer({ minimum: 1, maximum: 100_000 }),
    frequency: Type.Optional(frequencySchema),
    /** ISO 8601, years to days. */
    recipient_retention: Type.String({ pattern: '^P(?=[0-9])([0-9]{1,3}Y)?([0-9]{1,3}M)?([0-9]{1,4}D)?$' }),
    language: Type.Enum(['zh-CN', 'en']),
    product: Type.Optional(productSchema),
  },
  { additionalProperties: false },
);

export type ConsentRequestBody = Static<typeof consentRequestBody>;

/** What a lender asks to give to bureaus about one contract. */
export const provisionRequestBody = Type.Object(
  {
    subject_ref: consentRequestBody.properties.subject_ref,
    ...parts,
    optional: Type.Optional(optionalSchema),
    /** As the lender names it to the subject. */
    contract: Type.String({ minLength: 1, maxLength: 64 }),
    valid_days: Type.Integer({ minimum: 1, maximum: 3660 }),
    language: Type.Enum(['zh-CN', 'en']),
  },
  { additionalProperties: false },
);

export type ProvisionRequestBody = Static<typeof provisionRequestBody>;

/** What the subject leaves in of a request. */
export const choiceBody = Type.Object(parts, { additionalProperties: false });

export type ConsentChoice = Static<typeof choiceBody>;
