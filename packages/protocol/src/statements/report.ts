import { Type, type Static } from 'typebox';
import { limits } from '@causeway/kernel';
import { ConflictSchema, ExposureSchema, ManifestRowSchema, MergedFileSchema } from '@causeway/records';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  digestSchema,
  exact,
  ruleIdSchema,
  subjectRefSchema,
  toOne,
  useSchema,
  versionSchema,
} from '../claim-types.ts';

/** The broker's merge. Once per (inquiry, use, version); late answers make the next version. */
export const reportSchema = exact({
  ...commonClaims,
  ...toOne,
  subject_ref: subjectRefSchema,
  inquiry: digestSchema,
  use: useSchema,
  version: versionSchema,
  /** Digest of the version before this one. */
  supersedes: Type.Optional(digestSchema),
  /** One row per bureau in scope: never silence. */
  manifest: Type.Array(ManifestRowSchema, { minItems: 1, maxItems: limits.bureausMax }),
  merged: MergedFileSchema,
  exposure: ExposureSchema,
  conflicts: Type.Array(ConflictSchema, { maxItems: limits.conflictsMax }),
  policy_version: ruleIdSchema,
});

export type Report = Static<typeof reportSchema>;

/** What must hold between the members of a report. */
export const reportRules: readonly ClaimRule<Report>[] = [
  rule(
    '/manifest',
    'must name each bureau once',
    (c) => new Set(c.manifest.map((row) => row.bureau)).size === c.manifest.length,
  ),
  rule(
    '/supersedes',
    'must be there from version 2 on',
    (c) => (c.supersedes === undefined) === (c.version === 1),
  ),
];
