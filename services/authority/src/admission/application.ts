import { digestSchema, exact, memberIdSchema, timeSchema } from '@causeway/protocol/claim-types';
import { type Digest, sha256Digest } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import { type PublicJwk, checkPublicKey } from '@causeway/protocol/keys';
import { isPasskeyParty, memberStaffSchema, passkeyPartySchema } from '@causeway/protocol/member-entry';
import { Type, type Static } from 'typebox';
import { Value } from 'typebox/value';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import { readSigningRequest } from '../certificates/signing-request.ts';

import { readProof } from '@causeway/protocol/signed-json';

const url = Type.String({ pattern: '^https?://[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$' });
const legalName = Type.String({ minLength: 1, maxLength: 160, pattern: '^[^\\u0000-\\u001f\\u007f]+$' });
const proof = Type.String({ maxLength: 2048 });

/** The shape of an Ed25519 public JWK; whether it is a sound key is answered with the code `weak_key`. */
const jwk = Type.Record(Type.String({ maxLength: 16 }), Type.Unknown(), { maxProperties: 12 });

/** What an institution sends to become a member. It decides nothing by itself: two officers do. */
export const applicationSchema = exact({
  id: memberIdSchema,
  legal_name: legalName,
  legal_name_zh: Type.Optional(legalName),
  roles: Type.Array(Type.Enum(['consumer', 'broker', 'bureau', 'lender']), {
    minItems: 1,
    maxItems: 4,
    uniqueItems: true,
  }),
  class: Type.Enum(['A', 'B', 'C', 'D']),
  jurisdiction: Type.String({ pattern: '^CN(-[A-Z0-9]{1,3})?$' }),
  endpoints: exact({ public: Type.Optional(url), federation: Type.Optional(url) }),
  /** Of a consumer service whose subjects sign with passkeys. */
  passkeys: Type.Optional(passkeyPartySchema),
  /** Of a member whose staff sign in at pages of the federation. */
  staff: Type.Optional(memberStaffSchema),
  statement_key: jwk,
  auth_key: jwk,
  /**
   * Checkpoints of the own ledger, and cosignatures for others: every node needs both, a lender has neither.
   */
  ledger_key: Type.Optional(jwk),
  witness_key: Type.Optional(jwk),
  /** PEM of a PKCS #10 request; every node needs one, a lender does not. */
  csr: Type.Optional(Type.String({ maxLength: 8192 })),
  /** Compact JWS by each of the keys over the application's digest. */
  proof: exact({
    statement: proof,
    auth: proof,
    ledger: Type.Optional(proof),
    witness: Type.Optional(proof),
  }),
});

export type Application = Static<typeof applicationSchema>;

const proofSchema = exact({ fed: Type.String(), application: digestSchema, iat: timeSchema });
const PROOF_WINDOW_S = 600;

/** An application as it was stored, which was checked before. */
export function readApplication(text: string): Application {
  const value: unknown = JSON.parse(text);
  if (Value.Check(applicationSchema, value)) return value;
  throw new TypeError('a stored application does not match its schema');
}

/** An application all of whose keys are sound and possessed by the applicant. */
interface CheckedApplication {
  readonly digest: Digest;
  readonly keys: readonly PublicJwk[];
}

/** Over the canonical JSON (RFC 8785) of the application without its proofs. */
export function applicationDigest({ proof: _proof, ...application }: Application): Digest {
  return sha256Digest(canonicalJson(application));
}

/**
 * @throws CausewayError `weak_key` for a key that may not be enrolled, `application_invalid` for parts that
 *   do not fit together, `signature_invalid` where a key is not the applicant's
 */
export function checkApplication(application: Application, fed: string, nowS: number): CheckedApplication {
  const proven = provenKeys(application).map(({ sent, by }) => ({ key: checkPublicKey(sent), by }));
  const keys = proven.map(({ key }) => key);
  if (new Set(keys.map(({ x }) => x)).size < keys.length)
    throw invalid('Each use needs a key of its own.', '/auth_key');
  checkEndpoints(application);
  checkPasskeys(application);
  const digest = applicationDigest(application);
  for (const { key, by } of proven) checkPossession(by, key, { fed, digest, nowS });
  return { digest, keys };
}

/** The keys of an application, each with the proof by it. */
function provenKeys(application: Application): { sent: unknown; by: string }[] {
  const { roles, proof: by, statement_key, auth_key, ledger_key, witness_key } = application;
  const keys = [
    { sent: statement_key, by: by.statement },
    { sent: auth_key, by: by.auth },
  ];
  if (!runsNode(roles)) {
    if (ledger_key || witness_key || by.ledger !== undefined || by.witness !== undefined)
      throw invalid('A lender keeps no ledger.', '/ledger_key');
    return keys;
  }
  if (!ledger_key || by.ledger === undefined)
    throw invalid('A node needs a key for its ledger, with a proof by it.', '/ledger_key');
  if (!witness_key || by.witness === undefined)
    throw invalid('A node needs a key for cosignatures, with a proof by it.', '/witness_key');
  return [...keys, { sent: ledger_key, by: by.ledger }, { sent: witness_key, by: by.witness }];
}

const runsNode = (roles: Application['roles']): boolean => roles.some((role) => role !== 'lender');

function checkEndpoints(application: Application): void {
  const node = runsNode(application.roles);
  if (application.csr !== undefined) readSigningRequest(application.csr);
  else if (node) throw invalid('A node needs a certificate request.', '/csr');
  if (node && (!application.endpoints.public || !application.endpoints.federation)) {
    throw invalid('A node names its public and its federation endpoint.', '/endpoints');
  }
}

function checkPasskeys({ passkeys, roles }: Application): void {
  if (passkeys === undefined || (roles.includes('consumer') && isPasskeyParty(passkeys))) return;
  throw invalid('Passkeys are of a consumer service, with origins at its rp_id.', '/passkeys');
}

interface Possession {
  readonly fed: string;
  readonly digest: Digest;
  readonly nowS: number;
}

function checkPossession(jws: string, key: PublicJwk, { fed, digest, nowS }: Possession): void {
  const claims = readProof(jws, 'causeway-application+jws', key, proofSchema);
  if (claims.fed !== fed) throw new CausewayError('federation_mismatch', { pointer: '/proof' });
  if (claims.application !== digest) throw new CausewayError('digest_mismatch', { pointer: '/proof' });
  if (Math.abs(nowS - claims.iat) > PROOF_WINDOW_S)
    throw new CausewayError('time_window', { pointer: '/proof' });
}

function invalid(detail: string, pointer: string): CausewayError {
  return new CausewayError('application_invalid', { detail, pointer });
}
