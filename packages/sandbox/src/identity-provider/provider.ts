import Provider, { errors, type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import { randomBytes } from 'node:crypto';
import { claimsOfAccount } from './accounts.ts';
import { signInPath } from './interactions.ts';
import { keptInMemory } from './kept-in-memory.ts';
import { claimsOfStaff, type SandboxStaff, type StaffClient } from './staff.ts';
import { claimsFor, parseIdentity, personaGrant, type PersonChoice, type SandboxPerson } from './persons.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly persons?: readonly SandboxPerson[];
  /** Where a browser that has signed in may be sent back to. */
  readonly redirectUris: readonly string[];
  readonly staff: readonly SandboxStaff[];
  readonly staffClients: readonly StaffClient[];
  /** Private ES256 signing key with its kid. */
  readonly signingKey: JWK;
}

/**
 * An OpenID provider with one client for persons, whose id_tokens carry `identity` and, for legal
 * representatives, `role` and `enterprise`; and one for the staff of each member, whose id_tokens say which
 * member and which roles. Without a client secret the client is public. A browser signs in by the
 * authorization code flow with PKCE, a script by the persona grant.
 */
export function createProvider(options: ProviderOptions): Provider {
  const provider = new Provider(options.issuer, configuration(options));
  provider.registerGrantType(personaGrant, (ctx) => issueForPerson(provider, options.persons, ctx), [
    'person',
    'identity',
    'enterprise',
    'nonce',
  ]);
  return provider;
}

function configuration(options: ProviderOptions): Configuration {
  return {
    adapter: keptInMemory(),
    clients: [
      {
        client_id: options.clientId,
        ...(options.clientSecret === undefined
          ? { token_endpoint_auth_method: 'none' as const }
          : { client_secret: options.clientSecret }),
        ...(options.redirectUris.length === 0
          ? { grant_types: [personaGrant], response_types: [] }
          : { grant_types: ['authorization_code', personaGrant], response_types: ['code' as const] }),
        redirect_uris: [...options.redirectUris],
        id_token_signed_response_alg: 'ES256',
      },
      ...options.staffClients.map(({ clientId, redirectUris }) => ({
        ...{ client_id: clientId, redirect_uris: [...redirectUris] },
        ...{ token_endpoint_auth_method: 'none' as const, id_token_signed_response_alg: 'ES256' as const },
        ...{ grant_types: ['authorization_code'], response_types: ['code' as const] },
      })),
    ],
    jwks: { keys: [options.signingKey] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    claims: {
      openid: [
        ...['sub', 'identity', 'role', 'enterprise', 'name', 'causeway_member', 'causeway_roles'],
        ...['acr', 'amr', 'auth_time'],
      ],
    },
    // There is no userinfo to fetch: the id_token says it all.
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false }, userinfo: { enabled: false } },
    pkce: { required: () => true },
    // Sign-ins that are under way end with the process.
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    renderError: (ctx, { error, error_description: reason }) => {
      ctx.type = 'text/plain; charset=utf-8';
      ctx.body = `${error}: ${reason ?? ''}\n`;
    },
    findAccount: (_ctx, accountId) => ({
      accountId,
      claims: () => ({ ...(claimsOfStaff(options.staff, accountId) ?? claimsOfAccount(accountId)) }),
    }),
    interactions: { url: (_ctx, { uid }) => `${signInPath}${uid}` },
    loadExistingGrant: async (ctx) => await grantAll(ctx),
    ttl: { IdToken: 300, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600, AccessToken: 60 },
  };
}

/** Whoever signs in at a client of the sandbox agrees to be known to it. */
async function grantAll(ctx: KoaContextWithOIDC) {
  const { client, provider, session } = ctx.oidc;
  const ids = {
    ...(client && { clientId: client.clientId }),
    ...(session?.accountId && { accountId: session.accountId }),
  };
  const grant = new provider.Grant(ids);
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}

async function issueForPerson(
  provider: Provider,
  persons: readonly SandboxPerson[] | undefined,
  ctx: KoaContextWithOIDC,
): Promise<void> {
  const { nonce } = ctx.oidc.params ?? {};
  if (typeof nonce !== 'string' || nonce === '' || nonce.length > 256) {
    throw new errors.InvalidRequest('nonce is required, at most 256 characters');
  }
  const choice = choiceOf(ctx.oidc.params ?? {});
  const claims = choice && claimsFor(persons, choice);
  if (!claims)
    throw new errors.InvalidRequest('no such person, or not the legal representative of the enterprise');
  const sub = `${claims.identity.scheme}:${claims.identity.value}`;
  const token = new provider.IdToken({ sub }, { ctx });
  for (const [name, value] of Object.entries({ sub, nonce, ...claims })) token.set(name, value);
  ctx.body = { id_token: await token.issue({ use: 'idtoken' }) };
}

function choiceOf(params: Record<string, unknown>): PersonChoice | undefined {
  const person = personOf(params);
  if (person === undefined) return undefined;
  if (typeof params['enterprise'] !== 'string') return { person };
  const enterprise = parseIdentity(params['enterprise']);
  return enterprise && { person, enterprise };
}

function personOf(params: Record<string, unknown>): PersonChoice['person'] | undefined {
  if (typeof params['person'] === 'string') return params['person'];
  return typeof params['identity'] === 'string' ? parseIdentity(params['identity']) : undefined;
}
