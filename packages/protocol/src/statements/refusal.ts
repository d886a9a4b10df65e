import { Type, type Static } from 'typebox';
import {
  commonClaims,
  digestSchema,
  errorCodeSchema,
  exact,
  ruleIdSchema,
  ruleIdsSchema,
  toOne,
  useSchema,
} from '../claim-types.ts';

/** A decision against, by whoever took it, to the member that asked. Once per (iss, inquiry, use). */
export const refusalSchema = exact({
  ...commonClaims,
  ...toOne,
  inquiry: digestSchema,
  /** Absent where the refusal came before any use was counted. */
  use: Type.Optional(useSchema),
  code: errorCodeSchema,
  policy_version: ruleIdSchema,
  /** Ids of the rules that decided. */
  rules: ruleIdsSchema,
});

export type Refusal = Static<typeof refusalSchema>;
