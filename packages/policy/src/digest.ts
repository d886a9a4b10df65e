import { createHash } from 'node:crypto';
import type { PolicySet } from './policy-set.ts';

/** The one text of a policy set: JSON with members in code point order, no white space. Its digest names the set. */
export function policyText(policy: PolicySet): string {
  return JSON.stringify(ordered(policy));
}

/** 'sha-256:' and the base64url SHA-256 of the set's text, as the directory names it. */
export function policyDigest(policy: PolicySet): `sha-256:${string}` {
  return `sha-256:${createHash('sha256').update(policyText(policy), 'utf8').digest('base64url')}`;
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, member]) => [name, ordered(member)]));
}
