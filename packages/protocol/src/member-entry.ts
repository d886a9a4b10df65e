import { Type, type Static } from 'typebox';
import { limits } from '@causeway/kernel';
import { rule, type ClaimRule } from './claim-rule.ts';
import { exact, memberIdSchema, timeSchema } from './claim-types.ts';
import { hash43Pattern, sha256Digest, type Digest } from './digest.ts';
import { checkPublicKey, thumbprint, type PublicJwk } from './keys.ts';
import { schemaCheck } from './schema-check.ts';
import { isStatementType, statementUses, type Role, type StatementType } from './statement-types.ts';
import { parseStrictJson } from './strict-json.ts';

/** An Ed25519 public key by shape; whether it is a sound point is `checkPublicKey`'s to say. */
export const publicJwkSchema = exact({
  kty: Type.Literal('OKP'),
  crv: Type.Literal('Ed25519'),
  x: Type.String({ pattern: `^${hash43Pattern}$` }),
});

/**
 * What a key in the directory may be used for beside statements: an issuer's access tokens, a client's
 * assertions, an officer's signature under a warrant.
 */
const otherUses = ['access-token', 'client-auth', 'warrant'] as const;
const keyUses = [
  'consent',
  'inquiry',
  'grant',
  'disclosure',
  'report',
  'refusal',
  'status',
  'ack',
  'batch',
  'dispute',
  'handling',
  'correction',
  'enrolment',
  'mandate',
  'assistance',
  'erasure',
  ...otherUses,
] as const satisfies readonly (StatementType | (typeof otherUses)[number])[];

export type KeyUse = (typeof keyUses)[number];

const memberKeySchema = exact({
  jwk: publicJwkSchema,
  use: Type.Array(Type.Enum([...keyUses]), { minItems: 1, uniqueItems: true }),
  /** Seconds since the epoch, these three. */
  from: timeSchema,
  retired_at: Type.Optional(timeSchema),
  revoked_at: Type.Optional(timeSchema),
});

export type MemberKey = Static<typeof memberKeySchema>;

const name = Type.String({ minLength: 1, maxLength: 160 });
const url = Type.String({ pattern: '^https?://[!-~]{1,240}$' });

const origin = Type.String({ pattern: '^https?://[a-z0-9.-]{1,253}(:[0-9]{1,5})?$' });

/**
 * For whom the passkeys of subjects sign (WebAuthn, section 5.1.3): a relying party id, and the origins of
 * the consumer service's pages, which are of that host or below it.
 */
export const passkeyPartySchema = exact({
  rp_id: Type.String({ pattern: '^[a-z0-9.-]{1,253}$' }),
  origins: Type.Array(origin, { minItems: 1, maxItems: 8, uniqueItems: true }),
});

/**
 * Who works for a member, at the pages that services of the federation have for staff: whoever this OpenID
 * provider signs in for this client and gives one of these roles. It names nobody: persons and their roles
 * are kept at the provider. Services know the roles that mean something to them; others are nothing there.
 */
export const memberStaffSchema = exact({
  /** Without a slash at its end. */
  issuer: Type.String({ pattern: '^https?://(?!.*([?#]|/$))[!-~]{1,200}$' }),
  client_id: Type.String({ pattern: '^[!-~]{1,100}$' }),
  roles: Type.Array(Type.String({ pattern: '^[a-z][a-z_]{1,31}$' }), {
    ...{ minItems: 1, maxItems: 16, uniqueItems: true },
  }),
});

export type MemberStaff = Static<typeof memberStaffSchema>;

/** A member's entry in the directory. Immutable: a change is another entry with another digest. */
export const memberEntrySchema = exact({
  v: Type.Literal(1),
  id: memberIdSchema,
  legal_name: name,
  legal_name_zh: Type.Optional(name),
  roles: Type.Array(Type.Enum(['authority', 'consumer', 'broker', 'bureau', 'lender']), {
    minItems: 1,
    uniqueItems: true,
  }),
  /** Licence class. */
  class: Type.Enum(['A', 'B', 'C', 'D']),
  /** ISO 3166-2: nation or province, 'CN' or 'CN-SH'. */
  jurisdiction: Type.String({ pattern: '^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$' }),
  status: Type.Enum(['active', 'suspended']),
  keys: Type.Array(memberKeySchema, { maxItems: 64 }),
  endpoints: exact({ public: Type.Optional(url), federation: Type.Optional(url) }),
  /** SHA-256 thumbprints of federation certificates, lower-case hexadecimal. */
  certificates: Type.Array(Type.String({ pattern: '^[0-9a-f]{64}$' }), { maxItems: 16, uniqueItems: true }),
  /** Signs the checkpoints of a node's ledger; of nodes, these two. */
  ledger_key: Type.Optional(publicJwkSchema),
  /**
   * What signed them before: a checkpoint by such a key counts by the cosignatures until it was retired.
   */
  retired_ledger_keys: Type.Optional(
    Type.Array(exact({ jwk: publicJwkSchema, retired_at: timeSchema }), { minItems: 1, maxItems: 8 }),
  ),
  /** Cosigns the checkpoints of others. */
  witness_key: Type.Optional(publicJwkSchema),
  /** Of a consumer service; without it there are no passkeys. */
  passkeys: Type.Optional(passkeyPartySchema),
  /** Without it nobody signs in for the member. */
  staff: Type.Optional(memberStaffSchema),
});

export type MemberEntry = Static<typeof memberEntrySchema>;

const rules: readonly ClaimRule<MemberEntry>[] = [
  rule('/keys', 'must be distinct, those for trees included', (entry) => {
    const keys = allKeys(entry).map(thumbprint);
    return new Set(keys).size === keys.length;
  }),
  rule('/keys', 'must be for statements that the roles may sign', ({ roles, keys }) =>
    keys.every(({ use }) => usesFit(use, roles)),
  ),
  rule(
    '/keys',
    'must be for warrants in the entry of an authority only, and for nothing else',
    ({ roles, keys }) =>
      keys.every(({ use }) => !use.includes('warrant') || (use.length === 1 && roles.includes('authority'))),
  ),
  rule(
    '/passkeys',
    'must be of a consumer service, with origins at its rp_id',
    ({ passkeys, roles }) =>
      passkeys === undefined || (roles.includes('consumer') && isPasskeyParty(passkeys)),
  ),
];

/** Whether every origin is of the relying party's host or of one below it. */
export function isPasskeyParty({ origins, rp_id: host }: Static<typeof passkeyPartySchema>): boolean {
  return origins.every((each) => {
    const { hostname } = new URL(each);
    return hostname === host || hostname.endsWith(`.${host}`);
  });
}

/** Every key that an entry names, whatever it is for. */
export function allKeys(entry: MemberEntry): PublicJwk[] {
  const { keys, ledger_key, retired_ledger_keys = [], witness_key } = entry;
  const listed = [...keys, ...retired_ledger_keys].map(({ jwk }) => jwk);
  return [...listed, ledger_key, witness_key].filter((jwk) => jwk !== undefined);
}

function usesFit(uses: readonly string[], roles: readonly Role[]): boolean {
  const allowed = statementUses(roles);
  return uses.every((use) => !isStatementType(use) || allowed.includes(use));
}

const check = schemaCheck(memberEntrySchema, rules, 'directory_invalid');

/** The digest by which the directory names an entry: of its bytes exactly as served. */
export function entryDigest(text: Uint8Array | string): Digest {
  return sha256Digest(text);
}

/** Reads an entry from its exact text. Throws `directory_invalid` or, for an unsound key, `weak_key`. */
export function parseMemberEntry(text: string): MemberEntry {
  const entry = check(parseStrictJson(text, { bytesMax: limits.entryBytesMax }));
  for (const jwk of allKeys(entry)) checkPublicKey(jwk);
  return entry;
}
