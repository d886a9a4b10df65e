import { CausewayError, buildView, parseStrictJson, verifyDirectory, verifyRoot } from '@causeway/protocol';
import type { Digest, Directory, DirectoryView, TrustedRoot, Verified } from '@causeway/protocol';

/** The head of a directory, verified under the root that the anchor vouches for. */
export interface CheckedHead {
  readonly root: TrustedRoot;
  readonly head: Verified<Directory>;
}

export interface TrustContext {
  /** Fingerprint of the root file, configured out of band. */
  readonly anchor: Digest;
  readonly fed: string;
  readonly nowMs: number;
}

/**
 * Verifies a root file against the anchor and a head under one of the directory keys that the root names.
 * @throws CausewayError anchor_mismatch, federation_mismatch, expired, directory_invalid, signature and key
 * codes
 */
export function checkHead(rootText: string, headJws: string, trust: TrustContext): CheckedHead {
  const root = verifyRoot(parseStrictJson(rootText), trust.anchor, trust.nowMs);
  if (root.fed !== trust.fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  return { root, head: verifyDirectory(headJws, root, trust.nowMs) };
}

/**
 * Joins a verified head with the entry texts that it names; each must be the one whose digest the head
 * signed.
 * @throws CausewayError directory_invalid: an entry is missing, or is another
 */
export function assembleView(
  { root, head }: CheckedHead,
  entries: ReadonlyMap<string, string>,
): DirectoryView {
  const texts = head.claims.entries.flatMap(({ digest }) => entries.get(digest) ?? []);
  const view = buildView(root, head, texts);
  // Past the end of either, nothing is believed.
  return { ...view, expiresAtMs: Math.min(view.expiresAtMs, root.expires_at * 1000) };
}

/** The signed head in the authority's answer `{"head": "..."}`. @throws CausewayError directory_invalid */
export function readHeadAnswer(text: string): string {
  const value = parseStrictJson(text);
  const head: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'head') : undefined;
  if (typeof head !== 'string') throw new CausewayError('directory_invalid', { internal: 'no head' });
  return head;
}
