import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  digestSchema,
  exact,
  memberIdSchema,
  ruleIdSchema,
  versionSchema,
} from '../claim-types.ts';

/** Seconds that a directory head lives; past it nothing is released. */
export const directoryLife = 600;

/** The authority vouches for members, their keys, the policy and the statement versions. Once per version. */
export const directorySchema = exact({
  ...commonClaims,
  aud: Type.Literal('all'),
  version: versionSchema,
  /** Statement versions that nodes accept. */
  statement_versions: Type.Array(versionSchema, { minItems: 1, maxItems: 8, uniqueItems: true }),
  policy: exact({ version: ruleIdSchema, digest: digestSchema }),
  /** Each member's entry by its digest; the entries themselves are fetched by it. */
  entries: Type.Array(exact({ member: memberIdSchema, digest: digestSchema }), { maxItems: 4096 }),
});

export type Directory = Static<typeof directorySchema>;

/** What must hold between the members of a directory. */
export const directoryRules: readonly ClaimRule<Directory>[] = [
  rule('/exp', `must be iat + ${String(directoryLife)}`, (c) => c.exp === c.iat + directoryLife),
  rule(
    '/entries',
    'must name each member once',
    (c) => new Set(c.entries.map((entry) => entry.member)).size === c.entries.length,
  ),
];
