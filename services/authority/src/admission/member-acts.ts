import { canonicalJson } from '@causeway/protocol/canonical-json';
import { CausewayError } from '@causeway/protocol/errors';
import { type PublicJwk, checkPublicKey, kidOf } from '@causeway/protocol/keys';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import { statementUses } from '@causeway/protocol/statement-types';
import type { IssuedCertificate } from '../certificates/certificate.ts';
import type { MemberAct } from './act.ts';
import type { Application } from './application.ts';

type Key = MemberEntry['keys'][number];
type Use = Key['use'][number];

/**
 * What a member's statement key may sign, by its roles. The directory's own key is named by the root file
 * alone.
 */
function usesOf(roles: MemberEntry['roles']): Use[] {
  return statementUses(roles).filter((use) => use !== 'directory');
}

/** The first entry of a new member. Times in seconds. */
export function admittedEntry(application: Application, certificates: string[], nowS: number): MemberEntry {
  const statementKey = checkPublicKey(application.statement_key);
  const authKey = checkPublicKey(application.auth_key);
  const { endpoints, ledger_key, passkeys, staff, witness_key } = application;
  return {
    v: 1,
    id: application.id,
    legal_name: application.legal_name,
    ...(application.legal_name_zh === undefined ? {} : { legal_name_zh: application.legal_name_zh }),
    roles: [...application.roles],
    class: application.class,
    jurisdiction: application.jurisdiction,
    status: 'active',
    keys: [
      { jwk: statementKey, use: usesOf(application.roles), from: nowS },
      { jwk: authKey, use: ['client-auth'], from: nowS },
    ],
    endpoints: {
      ...(endpoints.public === undefined ? {} : { public: endpoints.public }),
      ...(endpoints.federation === undefined ? {} : { federation: endpoints.federation }),
    },
    certificates,
    ...(ledger_key === undefined ? {} : { ledger_key: checkPublicKey(ledger_key) }),
    ...(witness_key === undefined ? {} : { witness_key: checkPublicKey(witness_key) }),
    ...(passkeys === undefined ? {} : { passkeys }),
    ...(staff === undefined ? {} : { staff }),
  };
}

/**
 * The entry that an act makes of the present one; `certificate` is the one that was issued for the act.
 * @throws CausewayError `conflict` where the act changes nothing, `not_found` for a key or certificate that
 *   is not there, `weak_key`, `role_not_permitted` for a use that the member's roles do not have
 */
export function applyAct(
  entry: MemberEntry,
  act: MemberAct,
  nowS: number,
  certificate?: Pick<IssuedCertificate, 'thumbprint'>,
): MemberEntry {
  switch (act.act) {
    case 'suspend':
      return withStatus(entry, 'suspended');
    case 'reinstate':
      return withStatus(entry, 'active');
    case 'revoke_key':
      return withKey(entry, act.kid, (key) => {
        if (key.revoked_at !== undefined)
          throw new CausewayError('conflict', { detail: 'The key is revoked already.' });
        return { ...key, revoked_at: nowS };
      });
    case 'retire_key':
      return withKey(entry, act.kid, (key) => {
        if (key.retired_at !== undefined || key.revoked_at !== undefined) {
          throw new CausewayError('conflict', { detail: 'The key is retired or revoked already.' });
        }
        return { ...key, retired_at: nowS };
      });
    case 'add_key':
      return withNewKey(entry, checkPublicKey(act.jwk), act.use, nowS);
    case 'replace_tree_key':
      return withTreeKey(entry, act.tree, checkPublicKey(act.jwk), nowS);
    case 'set_staff':
      return withStaff(entry, act.staff);
    case 'add_certificate':
      if (!certificate) throw new CausewayError('internal', { internal: 'no certificate for the act' });
      if (entry.certificates.length >= CERTIFICATES_MAX) {
        throw new CausewayError('conflict', { detail: 'Remove a certificate before another is added.' });
      }
      return { ...entry, certificates: [...entry.certificates, certificate.thumbprint] };
    case 'remove_certificate':
      return withoutCertificate(entry, act.thumbprint);
  }
}

/** As many as an entry may list. */
const CERTIFICATES_MAX = 16;
const RETIRED_LEDGER_KEYS_MAX = 8;

/**
 * A ledger's key of before is kept: what witnesses saw until now under it stays proven. A key that cosigns is
 * not, since whoever has it can put any time beside its signature.
 */
function withTreeKey(
  entry: MemberEntry,
  tree: 'ledger' | 'witness',
  jwk: PublicJwk,
  nowS: number,
): MemberEntry {
  if (entry.roles.every((role) => role === 'lender')) {
    throw new CausewayError('role_not_permitted', { detail: 'A lender keeps no ledger.', pointer: '/tree' });
  }
  if (tree === 'witness') return { ...entry, witness_key: jwk };
  if (entry.roles.includes('authority')) {
    throw new CausewayError('conflict', { detail: 'The key of the ledger that proves directories stays.' });
  }
  const { ledger_key: before, retired_ledger_keys: retired = [] } = entry;
  if (before === undefined) return { ...entry, ledger_key: jwk };
  if (retired.length >= RETIRED_LEDGER_KEYS_MAX) {
    throw new CausewayError('conflict', {
      detail: 'As many keys of this ledger are retired as can be listed.',
    });
  }
  return {
    ...entry,
    ledger_key: jwk,
    retired_ledger_keys: [...retired, { jwk: before, retired_at: nowS }],
  };
}

/** Another provider or other roles for its staff; none where the act names none. */
function withStaff({ staff: before, ...entry }: MemberEntry, staff: MemberEntry['staff']): MemberEntry {
  if (canonicalJson(before ?? null) === canonicalJson(staff ?? null)) {
    throw new CausewayError('conflict', { detail: 'The entry says so already.' });
  }
  return staff === undefined ? entry : { ...entry, staff };
}

/** The last one too: a stolen certificate is removed whatever that costs. */
function withoutCertificate(entry: MemberEntry, thumbprint: string): MemberEntry {
  if (!entry.certificates.includes(thumbprint)) {
    throw new CausewayError('not_found', { detail: 'The member has no such certificate.' });
  }
  return { ...entry, certificates: entry.certificates.filter((each) => each !== thumbprint) };
}

function withStatus(entry: MemberEntry, status: MemberEntry['status']): MemberEntry {
  if (entry.roles.includes('authority')) {
    throw new CausewayError('conflict', { detail: 'The authority cannot suspend itself.' });
  }
  if (entry.status === status)
    throw new CausewayError('conflict', { detail: `The member is ${status} already.` });
  return { ...entry, status };
}

function withKey(entry: MemberEntry, kid: string, change: (key: Key) => Key): MemberEntry {
  if (!entry.keys.some((key) => kidOf(entry.id, key.jwk) === kid)) {
    throw new CausewayError('not_found', { detail: 'The member has no such key.' });
  }
  return { ...entry, keys: entry.keys.map((key) => (kidOf(entry.id, key.jwk) === kid ? change(key) : key)) };
}

function withNewKey(entry: MemberEntry, jwk: PublicJwk, uses: readonly string[], nowS: number): MemberEntry {
  const officers: readonly Use[] = entry.roles.includes('authority') ? ['warrant'] : [];
  const allowed: readonly Use[] = [...usesOf(entry.roles), 'client-auth', ...officers];
  const use = uses.map((wanted) => {
    const found = allowed.find((one) => one === wanted);
    if (found === undefined) throw new CausewayError('role_not_permitted', { pointer: '/use' });
    return found;
  });
  if (use.length > 1 && use.some((one) => one === 'client-auth' || one === 'warrant')) {
    throw new CausewayError('application_invalid', {
      detail: 'Statements, tokens and warrants need different keys.',
    });
  }
  return { ...entry, keys: [...entry.keys, { jwk, use, from: nowS }] };
}
