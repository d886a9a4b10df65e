import { canonicalJson } from './canonical-json.ts';
import type { MemberEntry, MemberKey, MemberStaff } from './member-entry.ts';
import { thumbprint } from './keys.ts';

/**
 * What both entries of a member let it do, in the form of an entry; undefined where that is nothing. Roles,
 * keys, uses, certificates and the roles of its staff are those in both, keys with the later start and the
 * earlier end; the member is suspended where either says so. What has no less of it (an endpoint, a tree's
 * key) is in both alike, or is not there. Names, class and jurisdiction are `held`'s.
 */
export function commonRights(held: MemberEntry, offered: MemberEntry): MemberEntry | undefined {
  const roles = offered.roles.filter((role) => held.roles.includes(role));
  if (held.id !== offered.id || roles.length === 0) return undefined;
  const { ledger_key: _ledger, retired_ledger_keys: _retired, ...others } = held;
  const { passkeys: _passkeys, staff: _staff, witness_key: _witness, ...rest } = others;
  return {
    ...rest,
    roles,
    status: held.status === 'active' ? offered.status : 'suspended',
    keys: offered.keys.flatMap((key) => commonKey(keyOf(held, key), key)),
    endpoints: {
      ...alike('public', held.endpoints, offered.endpoints),
      ...alike('federation', held.endpoints, offered.endpoints),
    },
    certificates: offered.certificates.filter((each) => held.certificates.includes(each)),
    ...commonLedgerKeys(held, offered),
    ...alike('witness_key', held, offered),
    ...alike('passkeys', held, offered),
    ...commonStaff(held.staff, offered.staff),
  };
}

/** The parts of an offered entry that say more than the held one, by name; none where it only takes away. */
export function furtherRights(held: MemberEntry | undefined, offered: MemberEntry): string[] {
  const common = held && commonRights(held, offered);
  const names = Object.keys(offered) as (keyof MemberEntry)[];
  return names.filter((name) => canonicalJson(common?.[name]) !== canonicalJson(offered[name]));
}

const keyOf = ({ keys }: MemberEntry, { jwk }: MemberKey): MemberKey | undefined =>
  keys.find((key) => thumbprint(key.jwk) === thumbprint(jwk));

function commonKey(held: MemberKey | undefined, offered: MemberKey): MemberKey[] {
  const use = offered.use.filter((each) => held?.use.includes(each));
  if (held === undefined || use.length === 0) return [];
  const from = Math.max(held.from, offered.from);
  const ends = { ...earlier('retired_at', held, offered), ...earlier('revoked_at', held, offered) };
  return [{ jwk: offered.jwk, use, from, ...ends }];
}

/** Another provider or client is other people. */
function commonStaff(
  held: MemberStaff | undefined,
  offered: MemberStaff | undefined,
): Pick<MemberEntry, 'staff'> {
  if (held?.issuer !== offered?.issuer || held?.client_id !== offered?.client_id) return {};
  const roles = (offered?.roles ?? []).filter((role) => held?.roles.includes(role));
  return offered === undefined || roles.length === 0 ? {} : { staff: { ...offered, roles } };
}

type End = 'retired_at' | 'revoked_at';

function earlier(end: End, held: MemberKey, offered: MemberKey): Pick<MemberKey, End> {
  const at = Math.min(held[end] ?? Infinity, offered[end] ?? Infinity);
  return at === Infinity ? {} : { [end]: at };
}

/** The key of the ledger where it is the same, and all others that both know, each with its earlier end. */
function commonLedgerKeys(
  held: MemberEntry,
  offered: MemberEntry,
): Pick<MemberEntry, 'ledger_key' | 'retired_ledger_keys'> {
  const ends = ledgerKeys(held);
  const both = [...ledgerKeys(offered).values()].flatMap(({ jwk, end }) => {
    const before = ends.get(jwk.x);
    return before === undefined ? [] : [{ jwk, end: Math.min(end, before.end) }];
  });
  const [current] = both.filter(({ end }) => end === Infinity);
  const retired = both.flatMap(({ jwk, end }) => (end === Infinity ? [] : [{ jwk, retired_at: end }]));
  return {
    ...(current === undefined ? {} : { ledger_key: current.jwk }),
    ...(retired.length === 0 ? {} : { retired_ledger_keys: retired }),
  };
}

function ledgerKeys({ ledger_key: jwk, retired_ledger_keys: retired = [] }: MemberEntry) {
  const ended = retired.map((key) => ({ jwk: key.jwk, end: key.retired_at }));
  const all = jwk === undefined ? ended : [...ended, { jwk, end: Infinity }];
  return new Map(all.map((key) => [key.jwk.x, key]));
}

function alike<K extends string, T extends { readonly [name in K]?: unknown }>(
  name: K,
  held: T,
  offered: T,
): Pick<T, K> | object {
  const value = offered[name];
  const isThere = value !== undefined && canonicalJson(held[name]) === canonicalJson(value);
  return isThere ? { [name]: value } : {};
}
