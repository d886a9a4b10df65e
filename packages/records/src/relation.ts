import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, MoneySchema, OpaqueSchema, PDateSchema, PpmSchema, SlugSchema } from './primitives.ts';

/** Who owns, controls or runs an enterprise. The other party is a pseudonym of the bureau, never a number. */
export const RelationRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('relation'),
    category: Type.Literal('OWNERSHIP'),
    kind: Type.Enum([
      'shareholder',
      'actual_controller',
      'officer',
      'legal_representative',
      'parent',
      'branch',
    ]),
    party_ref: OpaqueSchema,
    party_kind: Type.Enum(['person', 'enterprise']),
    role: Type.Optional(SlugSchema),
    ratio_ppm: Type.Optional(PpmSchema),
    contribution: Type.Optional(MoneySchema),
    since: Type.Optional(PDateSchema),
    until: Type.Optional(PDateSchema),
  },
  closed,
);
