import { strengths, type Basis, type PolicySet, type PurposeRule, type Strength } from './policy-set.ts';

/**
 * On what ground the asker asks. A broker knows only that a consent is cited: its strength is then 'unseen'.
 */
export type Ground =
  | { readonly by: 'consent'; readonly kind: string; readonly strength: Strength }
  | { readonly by: 'consent'; readonly strength: 'unseen' }
  | { readonly by: 'basis'; readonly code: string };

/** What policy decides about: attributes of the question, never facts about the subject's records. */
export interface PolicyRequest {
  readonly purpose: string;
  readonly categories: readonly string[];
  readonly asker: {
    readonly roles: readonly string[];
    readonly class?: string;
    readonly jurisdiction?: string;
  };
  /** Left out where the decider does not know what the reference stands for. */
  readonly subject_kind?: 'person' | 'enterprise';
  readonly ground: Ground;
}

/** Why policy refuses: each is an error code of the exchange. */
export type PolicyCode =
  | 'purpose_not_permitted'
  | 'category_not_permitted'
  | 'role_not_permitted'
  | 'not_authorised';

/** `rules` are the ids that decided; `version` is the set they belong to. */
export type PolicyDecision =
  | {
      readonly decision: 'permit';
      readonly rules: readonly string[];
      readonly obligations: readonly string[];
      readonly freeze_exempt: boolean;
      /** On the ground of a basis: what it must cite, and what binds where the cited consent is silent. */
      readonly basis?: Pick<Basis, 'cites' | 'unless_named'>;
      readonly version: string;
    }
  | {
      readonly decision: 'deny';
      readonly code: PolicyCode;
      readonly rules: readonly string[];
      readonly version: string;
    };

/**
 * Decides one question by one policy set. Total: what no rule permits is denied, and an error while deciding
 * is a denial too (rule id 'policy.error').
 */
export function decide(policy: PolicySet, request: PolicyRequest): PolicyDecision {
  try {
    const [rule, another] = policy.purposes.filter((candidate) => candidate.purpose === request.purpose);
    if (!rule || another) return deny(policy, 'purpose_not_permitted', 'policy.unlisted');
    const against = refusal(rule, request);
    if (against) return deny(policy, ...against);
    const { id, obligations, freeze_exempt } = rule;
    const basis = basisOf(rule, request.ground);
    return {
      decision: 'permit',
      rules: [id],
      obligations: [...obligations, ...(basis?.obligations ?? [])],
      freeze_exempt,
      ...(basis === undefined ? {} : { basis: { cites: basis.cites, unless_named: basis.unless_named } }),
      version: policy.version,
    };
  } catch {
    return deny(policy, 'not_authorised', 'policy.error');
  }
}

function deny(policy: PolicySet, code: PolicyCode, rule: string): PolicyDecision {
  return { decision: 'deny', code, rules: [rule], version: versionOf(policy) };
}

/** The first reason against, as a code and the rule id that says it; undefined where there is none. */
function refusal(rule: PurposeRule, request: PolicyRequest): [PolicyCode, string] | undefined {
  if (!rule.enabled) return ['purpose_not_permitted', `${rule.id}.off`];
  if (!request.asker.roles.some((role) => rule.roles.includes(role)))
    return ['role_not_permitted', `${rule.id}.roles`];
  if (request.subject_kind !== undefined && !rule.subject_kinds.includes(request.subject_kind)) {
    return ['purpose_not_permitted', `${rule.id}.subject_kinds`];
  }
  if (!categoriesAllowed(rule, request)) return ['category_not_permitted', `${rule.id}.categories`];
  return groundRefusal(rule, request.ground);
}

function categoriesAllowed(rule: PurposeRule, request: PolicyRequest): boolean {
  const allowed = new Set<string>(rule.categories);
  if (request.subject_kind !== 'person')
    for (const category of rule.enterprise_categories) allowed.add(category);
  return request.categories.length > 0 && request.categories.every((category) => allowed.has(category));
}

function basisOf({ bases }: PurposeRule, ground: Ground): Basis | undefined {
  return ground.by === 'basis' ? bases.find(({ code }) => code === ground.code) : undefined;
}

function groundRefusal(rule: PurposeRule, ground: Ground): [PolicyCode, string] | undefined {
  if (ground.by === 'basis') {
    const basis = basisOf(rule, ground);
    if (!basis) return ['purpose_not_permitted', `${rule.id}.basis_unlisted`];
    return basis.in_force ? undefined : ['purpose_not_permitted', `${rule.id}.basis_not_in_force`];
  }
  if (!rule.consent) return ['purpose_not_permitted', `${rule.id}.consent_is_no_ground`];
  if (ground.strength === 'unseen') return undefined;
  if (ground.kind !== 'query') return ['not_authorised', `${rule.id}.consent_kind`];
  const strongEnough = strengths.indexOf(ground.strength) >= strengths.indexOf(rule.strength_min);
  return strongEnough ? undefined : ['not_authorised', `${rule.id}.strength_min`];
}

function versionOf(policy: unknown): string {
  const version =
    typeof policy === 'object' && policy !== null && 'version' in policy ? policy.version : undefined;
  return typeof version === 'string' ? version : 'unknown';
}
