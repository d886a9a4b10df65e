import { Type, type Static } from 'typebox';
import { BasisSchema } from '@causeway/records/envelope';
import { SlugSchema } from '@causeway/records/primitives';
import { rule, type ClaimRule } from '../claim-rule.ts';
import { commonClaims, digestSchema, exact, timeSchema } from '../claim-types.ts';

/**
 * A bureau has taken a file: who gave it what, read how, and by what right. For everybody who ever holds one
 * of its records, which name its digest. Once per (iss, file, mapping).
 */
export const batchSchema = exact({
  ...commonClaims,
  aud: Type.Literal('all'),
  /** SHA-256 of the file's bytes as they came. */
  file: digestSchema,
  /** SHA-256 of the mapping's canonical JSON. */
  mapping: digestSchema,
  /** The institution whose records they are; the bureau's own id where it reports for itself. */
  provider: SlugSchema,
  /** What lets the provider give them to the bureau; absent where each record says it, or nobody did. */
  basis: Type.Optional(BasisSchema),
  format: Type.Enum(['csv', 'tsv', 'jsonl', 'xml', 'fixed']),
  bytes: Type.Integer({ minimum: 0 }),
  /** When the last byte had come. */
  received_at: timeSchema,
});

export type Batch = Static<typeof batchSchema>;

/** What must hold between the members of a batch. */
export const batchRules: readonly ClaimRule<Batch>[] = [
  rule('/received_at', 'must not be after iat', (c) => c.received_at <= c.iat),
];
