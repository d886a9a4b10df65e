import { limits } from '@causeway/kernel';
import {
  CausewayError,
  type Digest,
  type DirectoryView,
  buildView,
  parseStrictJson,
  rootFingerprint,
  verifyDirectory,
  verifyRoot,
} from '@causeway/protocol';

/** A verified directory as text, for a day when no authority is there to ask. */
export function keepDirectory({ evidence }: Pick<DirectoryView, 'evidence'>): string {
  const { roots, head, entries } = evidence;
  return `${JSON.stringify({ roots, head, entries })}\n`;
}

/**
 * The directory that was kept, verified from the anchor down like a fresh one; only its age is not judged.
 *
 * @throws CausewayError `anchor_mismatch`, `directory_invalid`, `signature_invalid`
 */
export function openKeptDirectory(text: string, anchor: Digest): DirectoryView {
  const kept = parseStrictJson(text, { bytesMax: limits.bundleBytesMax });
  const [roots, head, entries] = ['roots', 'head', 'entries'].map((name) => memberOf(kept, name));
  if (!Array.isArray(roots) || typeof head !== 'string' || !isTexts(entries)) {
    throw new CausewayError('directory_invalid', { detail: 'This is no directory that was kept.' });
  }
  const root = verifyRoot(roots, anchor, 0);
  return buildView(root, verifyDirectory(head, root, 0, 'archived'), entries);
}

/**
 * The fingerprint of the newest root file in a directory that was kept: what whoever handed it out would have
 * one trust. It is worth no more than the comparison with one from elsewhere.
 *
 * @throws CausewayError `directory_invalid`
 */
export function fingerprintOf(text: string): Digest {
  const kept = parseStrictJson(text, { bytesMax: limits.bundleBytesMax });
  const roots = memberOf(kept, 'roots');
  const payload = memberOf(Array.isArray(roots) ? roots.at(-1) : undefined, 'payload');
  if (typeof payload !== 'string') throw new CausewayError('directory_invalid');
  return rootFingerprint({ payload });
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
