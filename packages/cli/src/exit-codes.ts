import { CausewayError, LedgerError, PublishingRefusal } from '@causeway/sdk';

/** What the shell learns from a command. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  partial: 5,
  unverified: 6,
} as const;

/** Codes that say that a statement or a bundle is not what it claims to be. */
const UNVERIFIED = new Set([
  'anchor_mismatch',
  'digest_mismatch',
  'directory_invalid',
  'evidence_invalid',
  'link_mismatch',
  'signature_invalid',
  'statement_malformed',
]);
const UNREACHABLE = new Set(['unavailable', 'not_ready', 'rate_limited']);

/** The exit code for an error that ended a command. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof PublishingRefusal) return EXIT.refused;
  if (error instanceof LedgerError) return EXIT.unverified;
  if (error instanceof RangeError || isMissingFile(error)) return EXIT.usage;
  if (!(error instanceof CausewayError)) return EXIT.failed;
  if (UNREACHABLE.has(error.code)) return EXIT.unreachable;
  return UNVERIFIED.has(error.code) ? EXIT.unverified : EXIT.refused;
}

/** A file that the user named and that is not there. */
export function isMissingFile(error: unknown): error is Error & { path: string } {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT' && 'path' in error;
}
