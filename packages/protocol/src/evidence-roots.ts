import type { Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import type { EvidenceBundle } from './evidence-bundle.ts';
import { rootFingerprint } from './root.ts';
import { followRoots, type TrustedRoot } from './root-chain.ts';

/** The fingerprint of the newest root file of a bundle: what its maker would have one trust. */
export function newestFingerprint({ roots }: EvidenceBundle): Digest {
  const newest = roots.at(-1);
  if (!newest) throw new CausewayError('evidence_invalid', { pointer: '/roots' });
  return rootFingerprint(newest);
}

/**
 * The bundle's root files under the anchor. Where the reader has more of the same chain, as after a rotation
 * that the bundle has not seen, they join it. Throws as `followRoots`, and `federation_mismatch`.
 */
export function rootsIn(
  bundle: EvidenceBundle,
  anchor: Digest,
  more: readonly unknown[] = [],
): TrustedRoot[] {
  const longer = [...bundle.roots, ...more.slice(bundle.roots.length)];
  const roots = followRoots(longer, anchor);
  if (roots.some(({ fed }) => fed !== bundle.fed)) {
    throw new CausewayError('federation_mismatch', { pointer: '/fed' });
  }
  return roots;
}
