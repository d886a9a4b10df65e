import { CausewayError } from '@causeway/protocol';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  customFetch,
  discovery,
  None,
  randomPKCECodeVerifier,
  ResponseBodyError,
  AuthorizationResponseError,
  ClientError,
} from 'openid-client';
import { signInAgeMaxS } from './authentication.ts';
import type { Authentication } from './authentication.ts';
import type { IdentityProviderFetch } from './identity-provider-fetch.ts';

/** What pages need of an OpenID provider: a way out to it, and the id_token on the way back. */
export interface SignInProvider {
  /** Where a browser goes to sign in. Throws `unavailable` where the provider does not answer. */
  authorize(asked: { state: string; nonce: string; verifier: string }): Promise<URL>;
  /**
   * The id_token for the code in this address. Throws `token_invalid` where the provider or the person
   * refused, or the answer belongs to another flow; `unavailable` where the provider does not answer.
   */
  redeem(returned: URL, expected: { state: string; nonce: string; verifier: string }): Promise<string>;
}

interface Options {
  readonly issuer: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly ask: IdentityProviderFetch;
  /** How people must sign in; the provider is asked for it, and what it did the id_token says. */
  readonly authentication?: Authentication;
}

export const newVerifier = randomPKCECodeVerifier;

/**
 * Signs people in by the authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636), at any
 * provider, as a public client. Discovery is made once it is needed, and again where it failed.
 */
export function signInProvider(options: Options): SignInProvider {
  let found: Promise<Configuration> | undefined;
  const configuration = async (): Promise<Configuration> => {
    found ??= discover(options);
    return await found.catch((cause: unknown) => {
      found = undefined;
      throw away(cause);
    });
  };
  const { redirectUri: redirect_uri } = options;
  const wanted = options.authentication && wantedOf(options.authentication);
  return {
    authorize: async ({ nonce, state, verifier }) =>
      buildAuthorizationUrl(await configuration(), {
        ...{ redirect_uri, scope: 'openid', state, nonce, prompt: 'login' },
        ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        ...wanted,
      }),
    redeem: async (returned, { nonce, state, verifier }) => {
      const checks = { expectedNonce: nonce, expectedState: state, pkceCodeVerifier: verifier };
      const config = await configuration();
      const answer = await authorizationCodeGrant(config, returned, checks).catch((cause: unknown) => {
        throw isRefusal(cause) ? refused(cause) : away(cause);
      });
      if (answer.id_token === undefined) throw refused(undefined);
      return answer.id_token;
    },
  };
}

function wantedOf({ acr }: Authentication): Record<string, string> {
  return { max_age: String(signInAgeMaxS), ...(acr.length === 0 ? {} : { acr_values: acr.join(' ') }) };
}

async function discover({ ask, clientId, issuer }: Options): Promise<Configuration> {
  // A provider without TLS is one on this machine: configuration says so by its address. (The library marks
  // this as deprecated so that nobody uses it by chance.)
  const execute = issuer.startsWith('http://') ? [allowInsecureRequests] : [];
  return await discovery(new URL(issuer), clientId, undefined, None(), {
    execute,
    [customFetch]: async (url, { body, headers, method }) =>
      await ask(url, { headers, method, ...(body === undefined || body === null ? {} : { body }) }),
  });
}

function isRefusal(cause: unknown): boolean {
  if (cause instanceof ResponseBodyError || cause instanceof AuthorizationResponseError) return true;
  return cause instanceof ClientError && cause.code !== 'OAUTH_TIMEOUT';
}

const refused = (cause: unknown): CausewayError =>
  new CausewayError('token_invalid', { detail: 'The sign-in was not completed. Begin anew.', cause });
const away = (cause: unknown): CausewayError =>
  new CausewayError('unavailable', { internal: 'the identity provider does not answer', cause });
