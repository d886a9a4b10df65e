import { Type, type Static } from 'typebox';
import { limits } from '@causeway/kernel';
import { CreditRecordSchema } from '@causeway/records';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  dateSchema,
  digestSchema,
  exact,
  subjectRefSchema,
  toOne,
  useSchema,
} from '../claim-types.ts';

const frame = {
  ...commonClaims,
  ...toOne,
  subject_ref: subjectRefSchema,
  inquiry: digestSchema,
  /** Digest of the grant under which it was released. */
  grant: digestSchema,
  use: useSchema,
  /** `empty`: known, with nothing in the granted categories. `not_found`: not known here. */
  outcome: Type.Enum(['answered', 'empty', 'not_found']),
  /** The day up to which the records are complete. */
  as_of: dateSchema,
};

/** A disclosure but for its records, which may be stored texts that were checked when they were stored. */
export const disclosureFrameSchema = exact(frame);

/** A bureau's answer to the lender. Once per (iss, inquiry, use): there is never a second one. */
export const disclosureSchema = exact({
  ...frame,
  records: Type.Array(CreditRecordSchema, { maxItems: limits.recordsMax }),
});

export type Disclosure = Static<typeof disclosureSchema>;

/** What must hold between the members of a disclosure. */
export const disclosureRules: readonly ClaimRule<Disclosure>[] = [
  rule(
    '/outcome',
    'must be answered exactly when there are records',
    (c) => (c.outcome === 'answered') === c.records.length > 0,
  ),
];
