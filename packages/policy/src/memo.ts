import { decide, type Ground, type PolicyDecision, type PolicyRequest } from './decide.ts';
import type { PolicySet } from './policy-set.ts';

/** Decisions kept per policy set. Beyond them the memory of that set starts anew. */
const keptMax = 4096;

/** A set is immutable once it is in force, so that the object stands for its version and content. */
const memories = new WeakMap<PolicySet, Map<string, PolicyDecision>>();

/**
 * `decide`, remembered by policy set and the attributes of the question: the same answer for the same
 * question. No fact about a subject is an attribute, so none is ever remembered. Total, as `decide` is: what
 * cannot be remembered is decided anew.
 */
export function decideRemembered(policy: PolicySet, request: PolicyRequest): PolicyDecision {
  const place = placeOf(policy, request);
  if (place === undefined) return decide(policy, request);
  const { key, memory } = place;
  const known = memory.get(key);
  if (known !== undefined) return known;
  const decision = frozen(decide(policy, request));
  if (memory.size >= keptMax) memory.clear();
  memory.set(key, decision);
  return decision;
}

function placeOf(policy: PolicySet, request: PolicyRequest) {
  try {
    const memory = memories.get(policy) ?? new Map<string, PolicyDecision>();
    memories.set(policy, memory);
    return { memory, key: keyOf(request) };
  } catch {
    return undefined;
  }
}

function keyOf({ asker, categories, ground, purpose, subject_kind }: PolicyRequest): string {
  const { class: licence, jurisdiction, roles } = asker;
  return JSON.stringify([
    ...[purpose, subject_kind ?? null, licence ?? null, jurisdiction ?? null],
    ...[roles, categories, groundKey(ground)],
  ]);
}

function groundKey(ground: Ground): readonly string[] {
  if (ground.by === 'basis') return ['basis', ground.code];
  return ground.strength === 'unseen' ? ['consent', 'unseen'] : ['consent', ground.strength, ground.kind];
}

/** Whoever gets a remembered decision shares it. */
function frozen(decision: PolicyDecision): PolicyDecision {
  Object.freeze(decision.rules);
  if (decision.decision === 'permit') {
    Object.freeze(decision.obligations);
    Object.freeze(decision.basis?.unless_named);
  }
  return Object.freeze(decision);
}
