import Provider, { errors, type Configuration, type JWK, type KoaContextWithOIDC } from 'oidc-provider';
import { NothingKept } from './nothing-kept.ts';
import { claimsFor, parseIdentity, personaGrant, type PersonChoice, type SandboxPerson } from './persons.ts';

export interface ProviderOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  readonly persons?: readonly SandboxPerson[];
  /** Private ES256 signing key with its kid. */
  readonly signingKey: JWK;
}

/**
 * An OpenID provider with one client, whose id_tokens carry `identity` and, for legal representatives, `role`
 * and `enterprise`. Without a client secret the client is public.
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
    adapter: NothingKept,
    clients: [
      {
        client_id: options.clientId,
        ...(options.clientSecret === undefined
          ? { token_endpoint_auth_method: 'none' as const }
          : { client_secret: options.clientSecret }),
        grant_types: [personaGrant],
        response_types: [],
        redirect_uris: [],
        id_token_signed_response_alg: 'ES256',
      },
    ],
    jwks: { keys: [options.signingKey] },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    claims: { openid: ['sub', 'identity', 'role', 'enterprise'] },
    features: { devInteractions: { enabled: false } },
    ttl: { IdToken: 300 },
  };
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
