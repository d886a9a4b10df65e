import { type Clock, type Random, seconds } from '@causeway/kernel';
import type { Digest } from '@causeway/protocol/digest';
import type { SigningKey } from '@causeway/protocol/keys';
import { type Signed, sign } from '@causeway/protocol/sign';
import { type References, directoryLife } from '@causeway/protocol/statements/directory';

/** What a head vouches for, beside its times. */
export interface DirectoryContent {
  readonly policy: { readonly version: string; readonly digest: Digest };
  /** The newest root file. */
  readonly root?: { readonly version: number; readonly digest: Digest };
  readonly references?: References;
  /** Sorted by member. */
  readonly entries: readonly { readonly member: string; readonly digest: Digest }[];
}

export interface LatestHead {
  readonly version: number;
  /** `contentText` of what it vouches for. */
  readonly content: string;
  readonly issuedAtMs: number;
}

/** Statement versions that nodes of this federation accept. */
const STATEMENT_VERSIONS = [1];

/**
 * A head is signed anew after this time even when nothing changed: well before it expires after ten minutes.
 */
export const RESIGN_AFTER_MS = 240_000;

/** Equal texts, equal content, signed by the same key. */
export function contentText({ policy, root, references, entries }: DirectoryContent, kid: string): string {
  return JSON.stringify([
    ...[policy.version, policy.digest, kid, root?.digest ?? null, references ?? null],
    ...entries.map(({ member, digest }) => [member, digest]),
  ]);
}

/**
 * Whether a new head is due: something changed, time has passed, or the clock was behind when it was signed.
 * `content` is the text of what the head would vouch for.
 */
export function isDue(latest: LatestHead | undefined, content: string, nowMs: number): boolean {
  if (!latest || latest.content !== content) return true;
  const age = nowMs - latest.issuedAtMs;
  return age >= RESIGN_AFTER_MS || age < -RESIGN_AFTER_MS;
}

/** Signs version `version` of the directory. */
export function signHead(
  version: number,
  content: DirectoryContent,
  by: { key: SigningKey; fed: string; clock: Clock; random: Random },
): Signed<'directory'> {
  const iat = seconds(by.clock);
  return sign(
    'directory',
    {
      aud: 'all',
      iat,
      exp: iat + directoryLife,
      version,
      statement_versions: STATEMENT_VERSIONS,
      policy: { ...content.policy },
      ...(content.root === undefined ? {} : { root: { ...content.root } }),
      ...(content.references === undefined ? {} : { references: content.references }),
      entries: content.entries.map((entry) => ({ ...entry })),
    },
    by,
  );
}
