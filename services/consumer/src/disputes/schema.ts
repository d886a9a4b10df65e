import { uuidv7Pattern } from '@causeway/kernel';
import { digestSchema } from '@causeway/protocol/claim-types';
import { disputeReasons } from '@causeway/records/disputes/index';
import { MemberIdSchema, OpaqueSchema } from '@causeway/records/primitives';
import Type, { type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** An item at a bureau, by the bureau's own id of it or by its source's. */
const item = { bureau: MemberIdSchema, record: OpaqueSchema };

/** What a subject disputes and why. */
export const disputeBody = Type.Object(
  {
    ...item,
    reason: Type.Enum([...disputeReasons]),
    /** In the subject's own words; kept sealed, and sent to the bureau alone. */
    text: Type.String({ minLength: 1, maxLength: 2000 }),
    /** The report in which they saw it. */
    report: Type.Optional(digestSchema),
    /** The same thing at other bureaus, as a merged report names them: each becomes a dispute of its own. */
    also: Type.Optional(
      Type.Array(Type.Object(item, closed), { minItems: 1, maxItems: 15, uniqueItems: true }),
    ),
  },
  closed,
);

export type DisputeBody = Static<typeof disputeBody>;

export const disputeParams = Type.Object({ id: Type.String({ pattern: uuidv7Pattern }) }, closed);
export const disputePage = Type.Object(
  { cursor: Type.Optional(Type.String({ pattern: uuidv7Pattern })) },
  closed,
);
