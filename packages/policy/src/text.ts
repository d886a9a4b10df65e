import type { PolicySet } from './policy-set.ts';

/**
 * The one text of a policy set: JSON with members in code point order, no white space. Its SHA-256 names the
 * set.
 */
export function policyText(policy: PolicySet): string {
  return JSON.stringify(ordered(policy));
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, ordered(member)]));
}
