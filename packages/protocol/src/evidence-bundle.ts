import { Type, type Static } from 'typebox';
import { limits } from '@causeway/kernel';
import { commonClaims, digestSchema, exact } from './claim-types.ts';
import { rootFileSchema } from './root.ts';
import { rootsMax } from './root-chain.ts';
import { schemaCheck } from './schema-check.ts';

const jws = Type.String({ minLength: 1, maxLength: limits.reportBytesMax });

/** Everything needed to check one inquiry, years later, with no service running. */
export const evidenceBundleSchema = exact({
  v: Type.Literal(1),
  fed: commonClaims.fed,
  /** The root files from the first to the newest, so that any of them may be the reader's anchor. */
  roots: Type.Array(rootFileSchema, { minItems: 1, maxItems: rootsMax }),
  /** Only the heads that were in use, each with the exact texts of its entries. */
  directories: Type.Array(
    exact({
      head: jws,
      entries: Type.Array(Type.String({ maxLength: limits.entryBytesMax }), { maxItems: 4096 }),
    }),
    { minItems: 1, maxItems: 64 },
  ),
  /** Absent where the inquiry has a basis instead. */
  consent: Type.Optional(jws),
  inquiry: jws,
  grants: Type.Array(jws, { minItems: 1, maxItems: 4 * limits.bureausMax }),
  disclosures: Type.Array(jws, { maxItems: limits.bureausMax }),
  report: jws,
  /**
   * Leaves that stand for statements of this bundle. Their places in the broker's ledger come with the proofs
   * of them: the bundle says nothing that its reader cannot check.
   */
  leaves: Type.Array(exact({ digest: digestSchema }), { maxItems: 8 * limits.bureausMax }),
});

export type EvidenceBundle = Static<typeof evidenceBundleSchema>;

/** Throws `evidence_invalid` naming the member at fault. */
export const checkEvidenceBundle = schemaCheck(evidenceBundleSchema, [], 'evidence_invalid');
