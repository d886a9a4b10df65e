import type { Clock, Random } from '@causeway/kernel';
import { encodeBase64url } from './base64url.ts';
import { buildView, verifyDirectory, type DirectoryView } from './directory.ts';
import type { Digest } from './digest.ts';
import { generateKey, signingKeyFromJwk, type PrivateJwk, type PublicJwk, type SigningKey } from './keys.ts';
import { entryDigest, type KeyUse, type MemberEntry, type MemberKey } from './member-entry.ts';
import { readRootPayload, rootFingerprint, signRoot, type RootFile, type RootPayload } from './root.ts';
import { verifyRoot, type TrustedRoot } from './root-chain.ts';
import { sign, type Signed, type UnsignedClaims } from './sign.ts';
import { statementUses, typOf, type Role, type StatementType } from './statement-types.ts';
import { suiteOf } from './suite.ts';
import type { VerifyContext } from './verify.ts';

/** The moment at which everything in these tests happens, in seconds. */
export const now = 1_795_000_000;
export const fed = 'test-fed';
export const subject = `s1.1.${'A'.repeat(43)}`;
export const otherSubject = `s1.1.${'B'.repeat(42)}A`;

export const clockAt = (s: number): Clock => ({ now: () => s * 1000, monotonic: () => 0 });

/** Repeatable bytes, so that a failing test fails again (xorshift32). */
export function randomFrom(seed: number): Random {
  let state = seed;
  return {
    bytes: (n) =>
      Uint8Array.from({ length: n }, () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state & 0xff;
      }),
  };
}

const random = randomFrom(20_261_122);
const roles: Readonly<Record<string, Role>> = {
  consumer: 'consumer',
  broker: 'broker',
  central: 'bureau',
  lotus: 'bureau',
  'abc-bank': 'lender',
  evergreen: 'lender',
};

/** Each member's statement key, made once. */
const keys = new Map(Object.keys(roles).map((member) => [member, newKey(member)]));

export function newKey(member: string): SigningKey {
  return signingKeyFromJwk(member, generateKey(random));
}

export function keyOf(member: string): SigningKey {
  const key = keys.get(member);
  if (!key) throw new Error(`no key of ${member}`);
  return key;
}

export function entryOf(member: string, change: Partial<MemberEntry> = {}): MemberEntry {
  const role = roles[member] ?? 'lender';
  return {
    v: 1,
    id: member,
    legal_name: `${member} Ltd`,
    roles: [role],
    class: 'A',
    jurisdiction: 'CN',
    status: 'active',
    keys: [memberKey(keyOf(member).jwk, statementUses([role]))],
    endpoints: {},
    certificates: [],
    ...change,
  };
}

export function memberKey(jwk: PublicJwk, use: readonly string[], times: Partial<MemberKey> = {}): MemberKey {
  return { jwk, use: use as KeyUse[], from: now - 86_400, ...times };
}

export const publicPart = ({ kty, crv, x }: PublicJwk): PublicJwk => ({ kty, crv, x });

/** The version after a root file, changed so and signed by these keys. */
export function nextRoot(
  before: RootFile,
  change: Partial<RootPayload>,
  signers: readonly PrivateJwk[],
): RootFile {
  const old = readRootPayload(before);
  const version = old.version + 1;
  return signRoot({ ...old, version, previous: rootFingerprint(before), ...change }, signers, old);
}

export interface TestDirectory {
  readonly rootKey: PrivateJwk;
  readonly rootFile: RootFile;
  readonly anchor: Digest;
  readonly root: TrustedRoot;
  readonly directoryKey: SigningKey;
  readonly head: Signed<'directory'>;
  readonly texts: readonly string[];
  readonly view: DirectoryView;
}

/**
 * A federation's root, directory and view; `change` replaces members' entries, or adds some. With `before` it
 * is another version under the same root.
 */
export function directoryWith(
  change: readonly MemberEntry[] = [],
  version = 7,
  iat = now - 30,
  before?: Pick<TestDirectory, 'directoryKey' | 'rootFile' | 'rootKey'>,
): TestDirectory {
  const directoryKey = before?.directoryKey ?? newKey('authority');
  const rootKey = before?.rootKey ?? generateKey(random);
  const rootFile = before?.rootFile ?? newRoot(rootKey, directoryKey);
  const usual = Object.keys(roles).map((member) => change.find(({ id }) => id === member) ?? entryOf(member));
  const entries = [...usual, ...change.filter(({ id }) => roles[id] === undefined)];
  const texts = entries.map((entry) => JSON.stringify(entry));
  const head = sign(
    'directory',
    {
      aud: 'all',
      iat,
      exp: iat + 600,
      version,
      statement_versions: [1],
      policy: { version: 'cn-2026.1', digest: entryDigest('policy') },
      entries: entries.map(({ id }, i) => ({ member: id, digest: entryDigest(texts[i] ?? '') })),
    },
    { key: directoryKey, fed, clock: clockAt(iat), random },
  );
  const anchor = rootFingerprint(rootFile);
  const root = verifyRoot([rootFile], anchor, now * 1000);
  const view = buildView(root, verifyDirectory(head.jws, root, iat * 1000), texts);
  return { rootKey, rootFile, anchor, root, directoryKey, head, texts, view };
}

function newRoot(rootKey: PrivateJwk, directoryKey: SigningKey): RootFile {
  return signRoot(
    {
      v: 1,
      fed,
      version: 1,
      threshold: 1,
      root_keys: [publicPart(rootKey)],
      keys: [{ use: 'directory', member: 'authority', jwk: directoryKey.jwk, from: now - 86_400 }],
      ca: [],
      issued_at: now - 86_400,
      expires_at: now + 86_400,
    },
    [rootKey],
  );
}

export const federation = directoryWith();

/** The context of a receiver, at `now`, under the fixture's directory. */
export function context(audience: string, change: Partial<VerifyContext> = {}): VerifyContext {
  return { keys: federation.view.keys, fed, nowMs: now * 1000, audience, received: 'first', ...change };
}

/** Signs as a member, at `now` unless `iat` says otherwise. */
export function signAs<T extends StatementType>(
  member: string,
  type: T,
  claims: UnsignedClaims<T>,
): Signed<T> {
  return sign(type, claims, { key: keyOf(member), fed, clock: clockAt(now), random });
}

interface RawParts {
  readonly header?: object;
  /** The exact text of the payload, or its value. */
  readonly payload: unknown;
}

/**
 * A validly signed statement whose header and payload are whatever the test says: what `sign` would refuse.
 */
export function signRaw(member: string, type: StatementType, { header, payload }: RawParts): string {
  const key = keyOf(member);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const top = header ?? { typ: typOf(type), alg: 'Ed25519', kid: key.kid };
  const input = [JSON.stringify(top), text]
    .map((part) => encodeBase64url(new TextEncoder().encode(part)))
    .join('.');
  return `${input}.${encodeBase64url(suiteOf(key.jwk).sign(key.private, input))}`;
}
