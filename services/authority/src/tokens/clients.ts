import { thumbprint } from '@causeway/protocol/keys';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import { scopesOf } from './scopes.ts';

/** A member as an OAuth client (RFC 7591 metadata), or undefined for one that gets no tokens. */
export function clientOf(entry: MemberEntry | undefined, nowS: number): Record<string, unknown> | undefined {
  if (!entry || entry.status !== 'active') return undefined;
  const keys = entry.keys
    .filter(({ use }) => use.includes('client-auth'))
    .filter(
      ({ from, retired_at, revoked_at }) =>
        from <= nowS && retired_at === undefined && revoked_at === undefined,
    )
    .map(({ jwk }) => ({ ...jwk, kid: thumbprint(jwk), alg: 'EdDSA', use: 'sig' }));
  if (keys.length === 0) return undefined;
  return {
    client_id: entry.id,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    scope: scopesOf(entry.roles).join(' '),
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'EdDSA',
    id_token_signed_response_alg: 'EdDSA',
    authorization_signed_response_alg: 'EdDSA',
    dpop_bound_access_tokens: true,
    jwks: { keys },
  };
}
