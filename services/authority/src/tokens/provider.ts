import { type Clock, seconds } from '@causeway/kernel';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { PrivateJwk } from '@causeway/protocol/keys';
import type { ReplayStore } from '@causeway/service/replay-store';
import { type Configuration, Provider, type ResourceServer, errors } from 'oidc-provider';
import { memberUri } from '../certificates/certificate.ts';
import { tokenAdapter } from './adapter.ts';
import { allScopes, scopesAt } from './scopes.ts';

export interface TokenIssuer {
  /** `<public url>/oauth`, the only audience of a client assertion. */
  readonly issuer: string;
  readonly fed: string;
  /** Signs access tokens; `kid` as in the authority's own directory entry. */
  readonly key: PrivateJwk;
  readonly kid: string;
  /** The member entry in force; throws `not_ready` past the directory's expiry. */
  readonly member: (id: string) => MemberEntry | undefined;
  readonly replay: ReplayStore;
  readonly clock: Clock;
}

const TOKEN_LIFE_S = 600;
/**
 * How long an assertion may live, and how far ahead of us its clock may be (FAPI 2.0 security profile
 * 5.3.2.1).
 */
const ASSERTION_LIFE_S_MAX = 300;
const AHEAD_S_MAX = 10;

/**
 * The token endpoint for members: client credentials with private_key_jwt (RFC 7523), tokens for one service
 * (RFC 8707) in JWT form (RFC 9068), bound to a key by DPoP (RFC 9449), under the FAPI 2.0 profile.
 */
export function tokenProvider(options: TokenIssuer): Provider {
  const { issuer, member, replay, clock } = options;
  const provider = new Provider(issuer, configuration(options, tokenAdapter({ member, replay, clock })));
  return provider;
}

function configuration(options: TokenIssuer, adapter: NonNullable<Configuration['adapter']>): Configuration {
  return {
    adapter,
    jwks: { keys: [{ ...options.key, kid: options.kid, alg: 'EdDSA', use: 'sig' }] },
    scopes: [...allScopes],
    responseTypes: [],
    clientAuthMethods: ['private_key_jwt'],
    clockTolerance: AHEAD_S_MAX,
    enabledJWA: {
      clientAuthSigningAlgValues: ['EdDSA'],
      dPoPSigningAlgValues: ['EdDSA', 'ES256'],
      idTokenSigningAlgValues: ['EdDSA'],
      authorizationSigningAlgValues: ['EdDSA'],
    },
    ttl: { ClientCredentials: TOKEN_LIFE_S },
    assertJwtClientAuthClaimsAndHeader: async (_ctx, claims, header) =>
      checkAssertion(options, claims, header),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      fapi: { enabled: true, profile: '2.0' },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => {
          throw new errors.InvalidTarget('resource is required: urn:causeway:<fed>:<member of the service>');
        },
        getResourceServerInfo: async (ctx, resource, client) =>
          resourceServer(options, resource, client.clientId, ctx.oidc.params?.['scope']),
      },
    },
  };
}

type Claims = Readonly<Record<string, unknown>>;

/**
 * What the library leaves open: one exact audience, a bounded life, no header that could bring a key along.
 */
function checkAssertion({ issuer, clock }: TokenIssuer, claims: Claims, header: Claims): void {
  const refuse = (why: string) => {
    throw new errors.InvalidClientAuth(why);
  };
  if (Object.keys(header).some((name) => !['alg', 'kid', 'typ'].includes(name)))
    refuse('header not permitted');
  if (claims['aud'] !== issuer) refuse('aud must be the issuer, as one string');
  if (claims['sub'] !== claims['iss']) refuse('sub and iss must be the client');
  const { jti, iat, exp } = claims;
  if (typeof jti !== 'string' || jti.length > 128) refuse('jti must be a string of at most 128 characters');
  if (typeof exp !== 'number' || exp - seconds(clock) > ASSERTION_LIFE_S_MAX + AHEAD_S_MAX)
    refuse('exp too far ahead');
  if (iat !== undefined && (typeof iat !== 'number' || iat - seconds(clock) > AHEAD_S_MAX))
    refuse('iat ahead of now');
}

/** The service that a token is for, and what this client may do there. */
function resourceServer(
  { fed, member }: TokenIssuer,
  resource: string,
  clientId: string,
  wanted: unknown,
): ResourceServer {
  const client = member(clientId);
  const id = resource.slice(memberUri(fed, '').length);
  const service = resource === memberUri(fed, id) ? member(id) : undefined;
  if (!client || !service || service.status !== 'active') throw new errors.InvalidTarget('no such service');
  const scopes = scopesAt(service, client);
  const asked = typeof wanted === 'string' ? wanted.split(' ') : [];
  // The library would leave out what it does not grant; a token that allows less than was asked for helps
  // nobody.
  if (asked.length === 0 || !asked.every((scope) => scopes.includes(scope))) {
    throw new errors.InvalidScope('scope names what this client may do at this service', asked.join(' '));
  }
  return {
    scope: scopes.join(' '),
    audience: resource,
    accessTokenTTL: TOKEN_LIFE_S,
    accessTokenFormat: 'jwt',
    jwt: { sign: { alg: 'EdDSA' } },
  };
}
