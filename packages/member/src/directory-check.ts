import { CausewayError, buildView, entryDigest, kidOf, parseStrictJson, verify, verifyRoot } from '@causeway/protocol';
import type { Digest, Directory, DirectoryView, KeyEntry, KeyLookup, RootPayload, Verified } from '@causeway/protocol';

/** The head of a directory, verified under the root that the anchor vouches for. */
export interface CheckedHead {
  readonly root: RootPayload;
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
 * @throws CausewayError anchor_mismatch, expired, signature and key codes
 */
export function checkHead(rootText: string, headJws: string, trust: TrustContext): CheckedHead {
  const root = verifyRoot(parseStrictJson(rootText), trust.anchor, trust.nowMs);
  const head = verify('directory', headJws, {
    keys: directoryKeys(root),
    fed: trust.fed,
    nowMs: trust.nowMs,
    audience: 'any',
    received: 'forwarded',
  });
  return { root, head };
}

/** The keys of the root file that may sign a directory, by kid. */
function directoryKeys(root: RootPayload): KeyLookup {
  const keys = new Map<string, KeyEntry>();
  for (const { use, member, jwk, from } of root.keys) {
    if (use !== 'directory') continue;
    keys.set(kidOf(member, jwk), { member, jwk, use: ['directory'], from, member_status: 'active' });
  }
  return (kid) => keys.get(kid);
}

/**
 * Joins a verified head with the entry texts that it names; each must be the one whose digest the head signed.
 * @throws CausewayError directory_invalid: an entry is missing, or is another
 */
export function assembleView(
  checked: CheckedHead,
  rootText: string,
  entries: ReadonlyMap<string, string>,
): DirectoryView {
  const texts = checked.head.claims.entries.map(({ digest }) => {
    const text = entries.get(digest);
    if (text === undefined || entryDigest(text) !== digest) {
      throw new CausewayError('directory_invalid', { internal: 'an entry is missing or is not the one signed' });
    }
    return text;
  });
  return buildView(parseStrictJson(rootText), checked.head, texts);
}

/** The signed head in the authority's answer `{"head": "..."}`. @throws CausewayError directory_invalid */
export function readHeadAnswer(text: string): string {
  const value = parseStrictJson(text);
  const head: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'head') : undefined;
  if (typeof head !== 'string') throw new CausewayError('directory_invalid', { internal: 'no head' });
  return head;
}
