import { createServer, type Server } from 'node:http';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';
import type { JWK } from 'oidc-provider';
import { createProvider } from './provider.ts';
import { handleSignIn, signInPath } from './interactions.ts';
import type { SandboxPerson, SignInSuggestion } from './persons.ts';
import type { SandboxStaff, StaffClient } from './staff.ts';

export interface IdentityProviderOptions {
  /** Port on the loopback interface; 0 takes a free one. */
  readonly port: number;
  readonly clientId: string;
  /** Without it the client is public. */
  readonly clientSecret?: string;
  /** Who may sign in; without a list anybody who names an identity. */
  readonly persons?: readonly SandboxPerson[];
  /** Whom the sign-in form offers by name. */
  readonly suggestions?: readonly SignInSuggestion[];
  /** Where a browser that has signed in may be sent back to; without any only scripts sign in. */
  readonly redirectUris?: readonly string[];
  /** Members' staff, and the clients at which they sign in. */
  readonly staff?: readonly SandboxStaff[];
  readonly staffClients?: readonly StaffClient[];
  /**
   * Private ES256 key, kept by the caller so that a restart keeps tokens verifiable; a new one where absent.
   */
  readonly signingKey?: JWK;
}

/** A running identity provider. */
export interface IdentityProvider {
  readonly issuer: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Starts the sandbox's OpenID provider: discovery, keys, sign-in by a form for browsers, and the grant that
 * signs a sandbox person in for scripts.
 */
export async function startIdentityProvider(options: IdentityProviderOptions): Promise<IdentityProvider> {
  const signingKey = options.signingKey ?? (await newSigningKey());
  const server = createServer();
  const port = await listening(server, options.port);
  const issuer = `http://localhost:${port}`;
  const { clientId, clientSecret, persons, redirectUris = [], suggestions = [] } = options;
  const { staff = [], staffClients = [] } = options;
  const provider = createProvider({
    issuer,
    ...{ clientId, signingKey, redirectUris, staff, staffClients },
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(persons === undefined ? {} : { persons }),
  });
  const handle = provider.callback();
  server.on('request', (request, response) => {
    const signsIn = request.url?.startsWith(signInPath) === true;
    void (signsIn
      ? handleSignIn({ provider, persons, suggestions, staff, portal: clientId }, request, response)
      : handle(request, response));
  });
  return { issuer, port, stop: () => stop(server) };
}

/** A fresh ES256 key with its RFC 7638 thumbprint as kid. */
export async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kty: 'EC', alg: 'ES256', use: 'sig', kid: await calculateJwkThumbprint(jwk) };
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (typeof address === 'object' && address !== null) resolve(address.port);
      else reject(new Error('the identity provider has no port'));
    });
  });
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve, reject) => {
    server.close((error) => (error ? reject(error) : resolve()));
  });
}
