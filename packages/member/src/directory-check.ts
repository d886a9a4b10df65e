import { CausewayError, buildView, parseStrictJson, verifyDirectory, verifyRoot } from '@causeway/protocol';
import type { Digest, Directory, DirectoryView, RootFile, TrustedRoot, Verified } from '@causeway/protocol';

/** The head of a directory, verified under the root that the anchor vouches for. */
export interface CheckedHead {
  readonly root: TrustedRoot;
  readonly head: Verified<Directory>;
}

export interface TrustContext {
  /** Fingerprint of a version of the root file, configured out of band. */
  readonly anchor: Digest;
  readonly fed: string;
  readonly nowMs: number;
}

/**
 * The newest of a chain of root files, followed from the anchor.
 * @throws CausewayError anchor_mismatch, federation_mismatch, expired, directory_invalid, signature codes
 */
export function checkRoots(files: readonly RootFile[], trust: TrustContext): TrustedRoot {
  const root = verifyRoot(files, trust.anchor, trust.nowMs);
  if (root.fed !== trust.fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  return root;
}

/**
 * Verifies a chain of root files, and a head under one of the directory keys that the newest names.
 * @throws CausewayError as `checkRoots`, and signature and key codes; directory_stale where the head names a
 * newer root file
 */
export function checkHead(files: readonly RootFile[], headJws: string, trust: TrustContext): CheckedHead {
  const root = checkRoots(files, trust);
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

/** The authority's root files, oldest first; none of them checked. @throws CausewayError directory_invalid */
export function readRootsAnswer(text: string): RootFile[] {
  const value = parseStrictJson(text);
  if (!Array.isArray(value)) throw new CausewayError('directory_invalid', { internal: 'no list of roots' });
  return value as RootFile[];
}
