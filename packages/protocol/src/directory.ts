import { entryDigest, parseMemberEntry, type MemberEntry } from './member-entry.ts';
import { CausewayError } from './errors.ts';
import type { KeyEntry, KeyLookup } from './key-lookup.ts';
import { kidOf } from './keys.ts';
import { rootFingerprint, type RootFile } from './root.ts';
import type { TrustedRoot } from './root-chain.ts';
import type { Role } from './statement-types.ts';
import type { Directory } from './statements/directory.ts';
import { verify, type Verified } from './verify.ts';

/** Who is who, at one version of the directory: what a node decides by. */
export interface DirectoryView {
  readonly version: number;
  readonly fed: string;
  readonly issuedAtMs: number;
  /** Past this nothing is released. */
  readonly expiresAtMs: number;
  readonly statementVersions: readonly number[];
  readonly policy: Directory['policy'];
  /** Absent where the authority publishes none: then no reference is derived. */
  readonly references?: Directory['references'];
  readonly keys: KeyLookup;
  member(id: string): MemberEntry | undefined;
  /** Members of a role, suspended ones too, by id. */
  membersWith(role: Role): readonly MemberEntry[];
  /**
   * What proves this view offline: the root files from the first to the newest, the head, and the exact texts
   * of the entries in the order of the head.
   */
  readonly evidence: {
    readonly roots: readonly RootFile[];
    readonly head: string;
    readonly entries: readonly string[];
  };
}

/**
 * The members that run nodes, each once, suspended ones too: they keep ledgers and cosign those of others.
 * Lenders do neither.
 */
export function nodesIn(view: Pick<DirectoryView, 'membersWith'>): MemberEntry[] {
  const all = nodeRoles.flatMap((role) => view.membersWith(role));
  return [...new Map(all.map((entry) => [entry.id, entry])).values()];
}

const nodeRoles: readonly Role[] = ['authority', 'consumer', 'broker', 'bureau'];

/**
 * Verifies a directory head under a key that the root file names. `archived` is for evidence, where the
 * head's own expiry has long passed. Throws the codes of `verify`, and `directory_stale` where the head
 * names a newer root file than this one, which must be fetched first.
 */
export function verifyDirectory(
  head: string,
  root: TrustedRoot,
  nowMs: number,
  received: 'forwarded' | 'archived' = 'forwarded',
): Verified<Directory> {
  const keys = rootKeys(root);
  const verified = verify('directory', head, {
    keys: (kid) => keys.get(kid),
    fed: root.fed,
    nowMs,
    audience: 'any',
    received,
  });
  checkNamedRoot(verified.claims, root);
  return verified;
}

function checkNamedRoot({ root: named }: Directory, { chain, version }: TrustedRoot): void {
  if (named === undefined) return;
  if (named.version > version) {
    throw new CausewayError('directory_stale', { detail: 'The head names a newer root file.' });
  }
  const held = chain[named.version - 1];
  if (!held || rootFingerprint(held) !== named.digest) throw invalid('The head names another root file.');
}

/**
 * Joins a verified head with the exact texts of its entries. Throws `directory_invalid` where a text is
 * missing, is not the one that the head names, or is another member's. In evidence texts may be missing: it
 * has only those in use, and knows nothing of the other members.
 */
export function buildView(
  root: TrustedRoot,
  head: Verified<Directory>,
  texts: readonly string[],
  missing: 'refused' | 'allowed' = 'refused',
): DirectoryView {
  const keys = rootKeys(root);
  if (!keys.has(head.kid)) throw invalid('The head is not signed by a key of this root file.');
  const byDigest = new Map(texts.map((text) => [entryDigest(text), text]));
  const ordered: string[] = [];
  const members = new Map<string, MemberEntry>();
  for (const { member, digest } of head.claims.entries) {
    const text = byDigest.get(digest);
    if (text === undefined && missing === 'allowed') continue;
    if (text === undefined) throw invalid(`The entry of ${member} is missing or is not the one signed.`);
    const entry = parseMemberEntry(text);
    if (entry.id !== member) throw invalid(`The entry of ${member} is another member's.`);
    ordered.push(text);
    members.set(member, entry);
    addKeys(keys, entry);
  }
  const { version, iat, exp, policy, references, statement_versions } = head.claims;
  return {
    version,
    fed: root.fed,
    issuedAtMs: iat * 1000,
    expiresAtMs: exp * 1000,
    statementVersions: statement_versions,
    policy,
    ...(references === undefined ? {} : { references }),
    keys: (kid) => keys.get(kid),
    member: (id) => members.get(id),
    membersWith: (role) => [...members.values()].filter((entry) => entry.roles.includes(role)),
    evidence: { roots: root.chain, head: head.jws, entries: ordered },
  };
}

/** Only the root file names directory keys; a member's entry never can. */
function rootKeys(root: TrustedRoot): Map<string, KeyEntry> {
  const keys = new Map<string, KeyEntry>();
  for (const { use, member, jwk, from } of root.keys) {
    if (use === 'directory') {
      keys.set(kidOf(member, jwk), { member, jwk, use: [use], from, member_status: 'active' });
    }
  }
  return keys;
}

function addKeys(keys: Map<string, KeyEntry>, entry: MemberEntry): void {
  for (const key of entry.keys) {
    const kid = kidOf(entry.id, key.jwk);
    if (keys.has(kid)) throw invalid(`A key of ${entry.id} is a directory key of the root file.`);
    keys.set(kid, { ...key, member: entry.id, member_status: entry.status });
  }
}

function invalid(detail: string): CausewayError {
  return new CausewayError('directory_invalid', { detail });
}
