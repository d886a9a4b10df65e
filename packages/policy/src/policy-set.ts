import { CategorySchema, InquiryKindSchema, PurposeSchema } from '@causeway/records';
import Type from 'typebox';
import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';

const closed = { additionalProperties: false } as const;
const slug = Type.String({ pattern: '^[a-z][a-z0-9_.-]{0,63}$' });

/** From the weakest to the strongest proof that the subject agreed. */
export const strengths = ['assisted', 'idp', 'passkey'] as const;

export const StrengthSchema = Type.Enum([...strengths]);

export type Strength = Static<typeof StrengthSchema>;

/**
 * A ground other than consent: its code, what it must cite, and whether it is in force yet. `obligations`
 * bind every answer on this ground; `unless_named` those that the cited consent does not name the purpose
 * for.
 */
const BasisSchema = Type.Object(
  {
    code: Type.String({ pattern: '^[A-Z][A-Z_]{0,39}$' }),
    cites: Type.Enum(['inquiry', 'warrant', 'assertion', 'dispute']),
    in_force: Type.Boolean(),
    obligations: Type.Array(slug, { maxItems: 8 }),
    unless_named: Type.Array(slug, { maxItems: 8 }),
  },
  closed,
);

export type Basis = Static<typeof BasisSchema>;

/**
 * What the line of an inquiry says in the subject's history, and from when on. `embargo_days`: it is shown so
 * many days late, where a law (`source`) keeps what is being done from its subject meanwhile; 0 is at once. A
 * lower layer may only shorten it. `granularity`: whether the line tells the moment or the day. `named_as`:
 * the subject is asked about because somebody else has applied; then nothing of that person or of what they
 * applied for may stand anywhere that the subject reads.
 */
const HistoryRuleSchema = Type.Object(
  {
    embargo_days: Type.Integer({ minimum: 0, maximum: 3650 }),
    source: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    granularity: Type.Enum(['moment', 'date']),
    named_as: Type.Optional(Type.Enum(['guarantor', 'related_party'])),
  },
  closed,
);

export type HistoryRule = Static<typeof HistoryRuleSchema>;

/**
 * One row of the purpose table. `enabled: false` lists a purpose that is off; `consent: false` means that a
 * consent is no ground for it. `categories` is the most an inquiry may name, `enterprise_categories` what
 * enterprises add.
 */
export const PurposeRuleSchema = Type.Object(
  {
    id: slug,
    purpose: PurposeSchema,
    enabled: Type.Boolean(),
    why_off: Type.Optional(Type.String({ maxLength: 200 })),
    roles: Type.Array(slug, { minItems: 1, maxItems: 8 }),
    subject_kinds: Type.Array(Type.Enum(['person', 'enterprise']), { minItems: 1, maxItems: 2 }),
    categories: Type.Array(CategorySchema, { maxItems: 20 }),
    enterprise_categories: Type.Array(CategorySchema, { maxItems: 20 }),
    consent: Type.Boolean(),
    bases: Type.Array(BasisSchema, { maxItems: 4 }),
    strength_min: StrengthSchema,
    kind: InquiryKindSchema,
    obligations: Type.Array(slug, { maxItems: 16 }),
    freeze_exempt: Type.Boolean(),
    history: HistoryRuleSchema,
  },
  closed,
);

/** Bounds that hold for every purpose of the set. Times in seconds unless the name says otherwise. */
const ParametersSchema = Type.Object(
  {
    answer_grace_s: Type.Integer({ minimum: 0, maximum: 86_400 }),
    consent_valid_days_max: Type.Integer({ minimum: 1, maximum: 36_500 }),
    /** Reports on themselves that a person gets free in a calendar year. A lower layer may only raise it. */
    own_reports_free_per_year: Type.Integer({ minimum: 0, maximum: 1000 }),
    /**
     * Whether lenders' officers may help people to consent who do not sign in, and how long these may object
     * before anything is released. A purpose must also take so weak a consent.
     */
    assisted_consent: Type.Object(
      { on: Type.Boolean(), objection_h: Type.Integer({ minimum: 24, maximum: 720 }) },
      closed,
    ),
  },
  closed,
);

/** A layer's rules in one version. What decides is the text of exactly this object; its digest names it. */
export const PolicySetSchema = Type.Object(
  {
    v: Type.Literal(1),
    version: slug,
    jurisdiction: Type.String({ pattern: '^[A-Z]{2}(-[A-Z0-9]{1,3})?$' }),
    effective_from: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' }),
    parameters: ParametersSchema,
    purposes: Type.Array(PurposeRuleSchema, { minItems: 1, maxItems: 200 }),
  },
  closed,
);

export type PurposeRule = Static<typeof PurposeRuleSchema>;
export type PolicySet = Static<typeof PolicySetSchema>;

const validator = Compile(PolicySetSchema);

/**
 * Reads a policy set from parsed JSON. Throws RangeError on unknown members, on a purpose with two rules and
 * on a rule id used twice: each decision must have one rule that decided it. So too on an embargo without a
 * source, and on one of a purpose by consent: its uses would tell the subject of every look.
 */
export function readPolicySet(value: unknown): PolicySet {
  if (!validator.Check(value)) {
    throw new RangeError(`not a policy set: ${validator.Errors(value)[0]?.instancePath ?? ''}`);
  }
  const ids = new Set(value.purposes.map((rule) => rule.id));
  const codes = new Set(value.purposes.map((rule) => rule.purpose));
  if (ids.size !== value.purposes.length || codes.size !== value.purposes.length) {
    throw new RangeError('a policy set has one rule per purpose, each with an id of its own');
  }
  if (!value.purposes.every(isLawfulEmbargo)) {
    throw new RangeError('only what is asked without consent is shown late, and only with its source');
  }
  return value;
}

function isLawfulEmbargo({ consent, history }: PurposeRule): boolean {
  return history.embargo_days === 0 || (!consent && history.source !== undefined);
}
