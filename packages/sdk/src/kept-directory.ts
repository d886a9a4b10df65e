import { limits } from '@causeway/kernel';
import {
  CausewayError,
  type Digest,
  type DirectoryView,
  buildView,
  parseStrictJson,
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

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
