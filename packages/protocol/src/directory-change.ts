import { canonicalJson } from './canonical-json.ts';
import { commonRights, furtherRights } from './rights-of-both.ts';
import { membersIn, type DirectoryView } from './directory.ts';
import type { KeyEntry } from './key-lookup.ts';
import { kidOf } from './keys.ts';
import { type MemberEntry, parseMemberEntry } from './member-entry.ts';
import type { References } from './statements/directory.ts';

/**
 * What an offered directory says beyond the held one, as `<member>/<name>` of its entry or `/<name>` of its
 * head. Empty where it only takes away: then it may be obeyed on its signature alone (protocol, section 6).
 *
 * Whatever is not known to be less is more: another endpoint, class, jurisdiction, name or policy, a key's
 * earlier start or later end. The head's own times are neither, or a directory in which nothing changes could
 * not be signed anew; nor is the root file that it names, which its own quorum has signed.
 */
export function additions(held: DirectoryView, offered: DirectoryView): string[] {
  const known = new Set(held.evidence.entries);
  const changed = offered.evidence.entries.filter((text) => !known.has(text)).map(parseMemberEntry);
  return [
    ...furtherBeside(held, offered),
    ...changed.flatMap((entry) =>
      furtherRights(held.member(entry.id), entry).map((name) => `${entry.id}/${name}`),
    ),
  ];
}

function furtherBeside(held: DirectoryView, offered: DirectoryView): string[] {
  const references = commonReferences(held.references, offered.references);
  const same = (a: unknown, b: unknown): boolean => canonicalJson(a) === canonicalJson(b);
  return [
    ...(same(held.policy, offered.policy) ? [] : ['/policy']),
    ...(same(references, offered.references) ? [] : ['/references']),
    ...(offered.statementVersions.every((each) => held.statementVersions.includes(each))
      ? []
      : ['/statement_versions']),
  ];
}

/**
 * The held directory without what the offered one takes away: what both of them say. It keeps the version,
 * the times, the policy and the evidence of the held one, and adds nothing to it.
 */
export function narrowed(held: DirectoryView, offered: DirectoryView): DirectoryView {
  const entries = membersIn(held).flatMap((entry) => {
    const theirs = offered.member(entry.id);
    return (theirs && commonRights(entry, theirs)) ?? [];
  });
  const members = new Map(entries.map((entry) => [entry.id, entry]));
  const keys = new Map(entries.flatMap(keysOf));
  const { references: _references, ...rest } = held;
  const references = commonReferences(held.references, offered.references);
  return {
    ...rest,
    ...(references === undefined ? {} : { references }),
    statementVersions: held.statementVersions.filter((each) => offered.statementVersions.includes(each)),
    keys: (kid) => keys.get(kid) ?? directoryKey(held, kid),
    member: (id) => members.get(id),
    membersWith: (role) => entries.filter((entry) => entry.roles.includes(role)),
  };
}

function keysOf(entry: MemberEntry): [string, KeyEntry][] {
  const { id: member, status: member_status } = entry;
  return entry.keys.map((key) => [kidOf(member, key.jwk), { ...key, member, member_status }]);
}

/** The root file's keys are no member's to lose. */
function directoryKey({ keys }: DirectoryView, kid: string): KeyEntry | undefined {
  const key = keys(kid);
  return key?.use.includes('directory') ? key : undefined;
}

/** The epochs in both, under the held one's current; none where that is gone. */
function commonReferences(
  held: References | undefined,
  offered: References | undefined,
): References | undefined {
  const listed = (offered?.epochs ?? []).map(canonicalJson);
  const epochs = (held?.epochs ?? []).filter((each) => listed.includes(canonicalJson(each)));
  const isThere = held !== undefined && epochs.some(({ epoch }) => epoch === held.current);
  return isThere ? { current: held.current, epochs } : undefined;
}
