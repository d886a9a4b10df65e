import { buildView, verifyDirectory, type DirectoryView } from './directory.ts';
import { CausewayError } from './errors.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { claimOf, issuedAt, memberOf } from './evidence-statements.ts';
import type { KeyEntry, KeyLookup } from './key-lookup.ts';
import type { TrustedRoot } from './root-chain.ts';

/** Clocks of two members may be this far apart, in seconds. */
export const skew_s = 2;

/**
 * The directories of a bundle, newest first, each under the root of its time; with the entries that are
 * there. Throws as `verifyDirectory`, and `evidence_invalid` for an entry that no head names, or one twice.
 */
export function directoriesIn(bundle: EvidenceBundle, roots: readonly TrustedRoot[]): DirectoryView[] {
  const views = bundle.heads.map((head) => {
    const root = rootInForce(roots, head);
    return buildView(root, verifyDirectory(head, root, 0, 'archived'), bundle.entries, 'allowed');
  });
  const named = new Set(views.flatMap(({ evidence }) => evidence.entries));
  if (named.size !== bundle.entries.length || new Set(bundle.heads).size !== bundle.heads.length) {
    throw new CausewayError('directory_invalid', {
      detail: 'An entry is in no head, or something is twice.',
    });
  }
  return views.toSorted((a, b) => b.version - a.version);
}

/**
 * The newest root that was there when the head was signed, by its date or because the head names it: a
 * directory key counts until the issue of the first root that names it no more.
 */
function rootInForce(roots: readonly TrustedRoot[], head: string): TrustedRoot {
  const signedAt = issuedAt(head);
  const version = memberOf(claimOf(head, 'root'), 'version');
  const named = typeof version === 'number' ? version : 1;
  const root = roots.findLast((each) => each.version <= named || each.issued_at <= signedAt);
  if (!root || signedAt >= root.expires_at) throw new CausewayError('expired', { pointer: '/roots' });
  return root;
}

/**
 * The directory that was current at a time in seconds; where the bundle has none of then, the earliest one
 * since: entries keep the keys of before, each with its times. One that had expired by then says nothing.
 *
 * @param views newest first
 */
export function directoryAt(views: readonly DirectoryView[], time_s: number): DirectoryView | undefined {
  const ms = time_s * 1000;
  const current = views.find(({ expiresAtMs, issuedAtMs }) => issuedAtMs <= ms && ms < expiresAtMs);
  return current ?? views.findLast(({ issuedAtMs }) => issuedAtMs > ms);
}

/** Told of each member whose entry in a view was needed. */
export type Needed = (view: DirectoryView, member: string) => void;

/**
 * The keys as they stood at a witness time. A key counts by the directory of then, or of one that came after
 * where it was not listed yet; and not where any directory here says that it had ended. What the statement
 * says of its own time decides nothing.
 *
 * @param views newest first
 */
export function keysAt(views: readonly DirectoryView[], time_s: number, needed: Needed): KeyLookup {
  const current = directoryAt(views, time_s);
  const since = views.filter((view) => view.issuedAtMs > time_s * 1000).toReversed();
  return (kid) => {
    const found = [...(current ? [current] : []), ...since].flatMap((view) => {
      const key = view.keys(kid);
      return key ? [{ view, key }] : [];
    });
    const sound = found.find(({ key }) => key.from <= time_s + skew_s) ?? found[0];
    if (!sound) return undefined;
    needed(sound.view, sound.key.member);
    return standingAt(sound.key, views, { kid, time_s });
  };
}

/** The key with no times but what they come to: 0 is before whatever a statement says, the last after it. */
function standingAt(
  { from, jwk, member, member_status, use }: KeyEntry,
  views: readonly DirectoryView[],
  { kid, time_s }: { kid: string; time_s: number },
): KeyEntry {
  const all = views.flatMap(({ keys }) => keys(kid) ?? []);
  const past = (end: number | undefined): boolean => end !== undefined && end <= time_s;
  return {
    ...{ member, jwk, use, member_status },
    from: from <= time_s + skew_s ? 0 : Number.MAX_SAFE_INTEGER,
    ...(all.some((key) => past(key.retired_at)) ? { retired_at: 0 } : {}),
    ...(all.some((key) => past(key.revoked_at)) ? { revoked_at: 0 } : {}),
  };
}
