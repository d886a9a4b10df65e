import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, OpaqueSchema, PpmSchema, SlugSchema, TextSchema } from './primitives.ts';

const points = Type.Integer({ minimum: -100_000, maximum: 100_000 });

/**
 * A score with what is needed to read it: its range and which end is the safe one. Without `value` the
 * subject could not be scored, and `unscorable_reason` says why. `as_of` is the day of the evaluation.
 */
export const ScoreRecordSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('score'),
    category: Type.Literal('SCORE'),
    model: OpaqueSchema,
    model_version: Type.Optional(OpaqueSchema),
    value: Type.Optional(points),
    min: points,
    max: points,
    direction: Type.Enum(['higher_safer', 'higher_riskier']),
    percentile_ppm: Type.Optional(PpmSchema),
    grade: Type.Optional(SlugSchema),
    unscorable_reason: Type.Optional(SlugSchema),
    reasons: Type.Optional(
      Type.Array(
        Type.Object(
          {
            rank: Type.Integer({ minimum: 1, maximum: 32 }),
            code: OpaqueSchema,
            text: Type.Optional(TextSchema),
            effect: Type.Optional(Type.Enum(['raises', 'lowers', 'unknown'])),
          },
          closed,
        ),
        { minItems: 1, maxItems: 32 },
      ),
    ),
    /** True where the source's decision rests on it alone. */
    decisive: Type.Optional(Type.Boolean()),
  },
  closed,
);
