import { Type, type Static } from 'typebox';
import { limits } from '@causeway/kernel';
import { noteLimits, proofLimits } from '@causeway/ledger';
import { commonClaims, digestSchema, exact } from './claim-types.ts';
import { enrolmentsMax, passkeyProofSchema } from './passkey-proof.ts';
import { rootFileSchema } from './root.ts';
import { rootsMax } from './root-chain.ts';
import { schemaCheck } from './schema-check.ts';

const jws = Type.String({ minLength: 1, maxLength: limits.reportBytesMax });
const grantsMax = 4 * limits.bureausMax;
/** Consent, inquiry and report beside the lists, and the enrolments of a passkey. */
const statementsMax = 3 + grantsMax + limits.bureausMax + enrolmentsMax;

/** Everything needed to check one inquiry, years later, with no service running. */
export const evidenceBundleSchema = exact({
  v: Type.Literal(2),
  fed: commonClaims.fed,
  /** The root files from the first to the newest, so that any of them may be the reader's anchor. */
  roots: Type.Array(rootFileSchema, { minItems: 1, maxItems: rootsMax }),
  /** Only the heads of the directory that were in use. */
  heads: Type.Array(jws, { minItems: 1, maxItems: 64 }),
  /** The exact texts of the entries in use, each once, whatever number of heads names it. */
  entries: Type.Array(Type.String({ maxLength: limits.entryBytesMax }), { maxItems: 4096 }),
  /** Absent where the inquiry has a basis instead. */
  consent: Type.Optional(jws),
  /** Of a consent of that strength; without it the consent is not shown to be by a passkey. */
  passkey: Type.Optional(passkeyProofSchema),
  inquiry: jws,
  grants: Type.Array(jws, { minItems: 1, maxItems: grantsMax }),
  disclosures: Type.Array(jws, { maxItems: limits.bureausMax }),
  report: jws,
  /** The places of these statements in their issuers' ledgers; what has none here is unproven. */
  leaves: Type.Array(
    exact({
      digest: digestSchema,
      /** Which of `checkpoints` has the leaf, from 0. */
      checkpoint: Type.Integer({ minimum: 0, maximum: statementsMax - 1 }),
      index: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
      /** The inclusion proof, the leaf's sibling first: base64 of 32 bytes each. */
      hashes: Type.Array(Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }), {
        maxItems: proofLimits.hashesMax,
      }),
    }),
    { maxItems: statementsMax },
  ),
  /** Signed and cosigned, with no signature by a key that the entries do not have. */
  checkpoints: Type.Array(Type.String({ minLength: 1, maxLength: noteLimits.bytesMax }), {
    maxItems: statementsMax,
  }),
});

export type EvidenceBundle = Static<typeof evidenceBundleSchema>;

/** Throws `evidence_invalid` naming the member at fault. */
export const checkEvidenceBundle = schemaCheck(evidenceBundleSchema, [], 'evidence_invalid');
