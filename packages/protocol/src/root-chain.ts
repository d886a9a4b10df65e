import { ed25519Verify } from '#crypto';
import { decodeBase64url } from './base64url.ts';
import type { Digest } from './digest.ts';
import { CausewayError } from './errors.ts';
import { checkPublicKey, publicKey, thumbprint, type PublicJwk } from './keys.ts';
import {
  readRootPayload,
  rootFileSchema,
  rootFingerprint,
  rootSigningInput,
  type RootFile,
  type RootPayload,
} from './root.ts';
import { schemaCheck } from './schema-check.ts';

const trusted: unique symbol = Symbol('trusted root');

/** A root file that the anchor vouches for, with all its signatures and keys checked. Made here alone. */
export interface TrustedRoot extends RootPayload {
  readonly [trusted]: true;
  readonly file: RootFile;
  readonly fingerprint: Digest;
  /** The versions from the first to this one: what leads from any of them, as anchor, to this one. */
  readonly chain: readonly RootFile[];
}

/** Root files of one federation: one a year for half a century, and some after a theft. */
export const rootsMax = 64;

const checkFile = schemaCheck(rootFileSchema, [], 'directory_invalid');

/**
 * The newest of a chain of root files, which begins with version 1 and holds the one whose fingerprint is
 * the anchor. Later ones are vouched for by the quorum of the version before and their own, earlier ones by
 * their digest. Throws `anchor_mismatch`, `signature_invalid`, `weak_key`, `directory_invalid`, or
 * `expired` for the newest: those before it are followed for the sake of the chain alone.
 */
export function verifyRoot(files: readonly unknown[], anchor: Digest, nowMs: number): TrustedRoot {
  const newest = followRoots(files, anchor).at(-1);
  if (!newest) throw new CausewayError('anchor_mismatch');
  if (Math.floor(nowMs / 1000) >= newest.expires_at) {
    throw new CausewayError('expired', { pointer: '/expires_at' });
  }
  return newest;
}

/** Every version of a chain of root files, oldest first, as `verifyRoot` checks it; of whatever age. */
export function followRoots(files: readonly unknown[], anchor: Digest): TrustedRoot[] {
  if (files.length > rootsMax) throw broken('There are too many root files.');
  const chain = files.map((file) => checkFile(file));
  if (!chain.some((file) => rootFingerprint(file) === anchor)) throw new CausewayError('anchor_mismatch');
  const roots: TrustedRoot[] = [];
  for (const [at, file] of chain.entries()) {
    const fingerprint = rootFingerprint(file);
    const payload = readRootPayload(file);
    const before = roots.at(-1);
    checkSuccession(payload, before);
    for (const jwk of [...payload.root_keys, ...payload.keys.map((key) => key.jwk)]) checkPublicKey(jwk);
    checkSignatures(file, before === undefined ? [payload] : [before, payload]);
    roots.push({ ...payload, [trusted]: true, file, fingerprint, chain: chain.slice(0, at + 1) });
  }
  return roots;
}

function checkSuccession(payload: RootPayload, before: TrustedRoot | undefined): void {
  const follows =
    payload.version === (before?.version ?? 0) + 1 &&
    payload.previous === before?.fingerprint &&
    payload.fed === (before?.fed ?? payload.fed) &&
    payload.issued_at >= (before?.issued_at ?? 0);
  if (!follows) throw broken(`Root file ${String(payload.version)} does not follow the one before it.`);
}

/** Each of `quorums` must have signed. One signature that does not hold spoils the file. */
function checkSignatures({ payload, signatures }: RootFile, quorums: readonly RootPayload[]): void {
  const keys = new Map(quorums.flatMap(({ root_keys }) => root_keys.map((jwk) => [thumbprint(jwk), jwk])));
  const signed = new Set<string>();
  for (const { kid, signature } of signatures) {
    const jwk: PublicJwk | undefined = keys.get(kid);
    const bytes = decodeBase64url(signature, '/signatures');
    if (!jwk || !ed25519Verify(publicKey(jwk), rootSigningInput(payload), bytes)) {
      throw new CausewayError('signature_invalid', { detail: 'A signature of the root file does not hold.' });
    }
    signed.add(kid);
  }
  for (const { root_keys, threshold } of quorums) {
    if (root_keys.filter((jwk) => signed.has(thumbprint(jwk))).length < threshold) {
      throw new CausewayError('signature_invalid', {
        detail: 'Too few root keys have signed the root file.',
      });
    }
  }
}

function broken(detail: string): CausewayError {
  return new CausewayError('directory_invalid', { detail });
}
