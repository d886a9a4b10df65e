import type { HistoryRule, PolicySet, PurposeRule } from './policy-set.ts';

/** Why a line is shown late: the days, the rule that says so, and where it has that from. */
export interface Embargo {
  readonly days: number;
  readonly rule: string;
  readonly source: string;
}

/** How an inquiry stands in its subject's history. */
export interface HistoryTerms extends Pick<HistoryRule, 'granularity' | 'named_as'> {
  readonly embargo?: Embargo;
}

/**
 * How an inquiry of this purpose, by a member with these roles, stands in its subject's history, whatever was
 * decided about it. Who may not ask for the purpose at all has no part in its embargo: that somebody tries is
 * shown at once. Total: what no rule lists is shown at once, with its moment.
 */
export function historyTerms(
  policy: PolicySet,
  { purpose, roles }: { readonly purpose: string; readonly roles: readonly string[] },
): HistoryTerms {
  const rule = policy.purposes.find((one) => one.purpose === purpose);
  if (rule === undefined) return { granularity: 'moment' };
  const { granularity, named_as } = rule.history;
  const asks = roles.some((role) => rule.roles.includes(role));
  const embargo = asks ? embargoOf(rule) : undefined;
  return {
    granularity: asks ? granularity : 'moment',
    ...(named_as === undefined ? {} : { named_as }),
    ...(embargo === undefined ? {} : { embargo }),
  };
}

/** All embargoes of a set, for everybody to know: what is asked for these purposes is shown late. */
export function embargoesOf(policy: PolicySet): (Embargo & { readonly purpose: string })[] {
  return policy.purposes.flatMap((rule) => {
    const embargo = rule.enabled ? embargoOf(rule) : undefined;
    return embargo === undefined ? [] : [{ purpose: rule.purpose, ...embargo }];
  });
}

function embargoOf({ history, id }: PurposeRule): Embargo | undefined {
  const { embargo_days: days, source = '' } = history;
  return days === 0 ? undefined : { days, rule: `${id}.embargo`, source };
}
