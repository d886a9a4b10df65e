import { Type, type Static } from 'typebox';
import { rule, type ClaimRule } from '../claim-rule.ts';
import {
  commonClaims,
  digestSchema,
  epochSchema,
  exact,
  memberIdSchema,
  ruleIdSchema,
  versionSchema,
} from '../claim-types.ts';
import { hash43Pattern } from '../digest.ts';

/** Seconds that a directory head lives; past it nothing is released. */
export const directoryLife = 600;

/** Seconds between two looks of a node at the directory. */
export const pollSeconds = 5;

/**
 * The epochs of subject references, of which there are two while a re-key is under way. `canary` is what
 * `canaryInput` comes to in an epoch, the last part of a reference: whoever asks for an evaluation hides it
 * among the inputs.
 */
export const referencesSchema = exact({
  current: epochSchema,
  epochs: Type.Array(exact({ epoch: epochSchema, canary: Type.String({ pattern: `^${hash43Pattern}$` }) }), {
    minItems: 1,
    maxItems: 2,
  }),
});

export type References = Static<typeof referencesSchema>;

/** The authority vouches for members, their keys, the policy and the statement versions. Once per version. */
export const directorySchema = exact({
  ...commonClaims,
  aud: Type.Literal('all'),
  version: versionSchema,
  /** Statement versions that nodes accept. */
  statement_versions: Type.Array(versionSchema, { minItems: 1, maxItems: 8, uniqueItems: true }),
  policy: exact({ version: ruleIdSchema, digest: digestSchema }),
  /** The newest root file: who holds an older one fetches before believing anything. */
  root: Type.Optional(exact({ version: versionSchema, digest: digestSchema })),
  /** Without it no reference can be derived. */
  references: Type.Optional(referencesSchema),
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
  rule('/references', 'must name each epoch once, the current one among them', ({ references }) => {
    const epochs = (references?.epochs ?? []).map(({ epoch }) => epoch);
    const current = references === undefined || epochs.includes(references.current);
    return current && new Set(epochs).size === epochs.length;
  }),
];
