import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import type { Digest } from '@causeway/protocol';
import { readUnverified } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';

/** The client certificate of a call on a federation listener. */
export interface Certificate {
  key: string;
  cert: string;
}

/** An answer of a federation listener, whatever it says. */
export interface FederationAnswer {
  status: number;
  body: Record<string, unknown>;
}

/** What came of one item of a batch call. */
export interface ItemResult {
  use?: number;
  grants?: string[];
  disclosure?: string;
  refusal?: string;
  code?: string;
  recorded?: boolean;
  error?: { code: string; status: number };
}

/** The key and certificate that a node of this federation holds: what a broken-into node could use. */
export function certificateOf({ home }: Federation, member: string): Certificate {
  const read = (name: string): string => readFileSync(join(home, 'keys', member, name), 'utf8');
  return { key: read('tls-key.pem'), cert: read('tls-cert.pem') };
}

/**
 * One POST, or one GET where there is no body, to a member's federation listener under any certificate or
 * none. Rejects where the handshake or the connection fails.
 */
export function callFederation(
  federation: Federation,
  call: {
    by: string | Certificate | undefined;
    to: string;
    path: string;
    body?: unknown;
    headers?: Record<string, string>;
  },
): Promise<FederationAnswer> {
  const certificate = typeof call.by === 'string' ? certificateOf(federation, call.by) : call.by;
  const ca = readFileSync(join(federation.home, 'keys', call.to, 'ca-cert.pem'), 'utf8');
  const method = call.body === undefined ? 'GET' : 'POST';
  const type = call.body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...type, ...call.headers };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port: federation.ports.federation(call.to), path: call.path, method },
        ...{ headers, ca, agent: false, checkServerIdentity: () => undefined, ...certificate },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('error', reject);
        response.on('end', () => {
          const body = JSON.parse(text) as FederationAnswer['body'];
          resolve({ status: response.statusCode ?? 0, body });
        });
      },
    );
    sent.on('error', reject);
    sent.end(call.body === undefined ? undefined : JSON.stringify(call.body));
  });
}

/** The one item's result, where the call as a whole was taken. */
export function onlyResult({ status, body }: FederationAnswer): ItemResult {
  const results = body['results'] as ItemResult[] | undefined;
  if (!results?.[0]) throw new Error(`no results: ${status} ${JSON.stringify(body)}`);
  return results[0];
}

/**
 * Redeems an inquiry as the broker would, with the broker's own certificate; grants by the node addressed.
 */
export async function redeemAsBroker(
  federation: Federation,
  inquiry: string,
  nodes?: string[],
): Promise<{ result: ItemResult; grant: (node: string) => string }> {
  const items = [{ inquiry, ...(nodes ? { nodes } : {}) }];
  const result = onlyResult(
    await callFederation(federation, { by: 'broker', to: 'consumer', path: '/v1/grants', body: { items } }),
  );
  const grants = new Map((result.grants ?? []).map((jws) => [claimsOf(jws)['aud'], jws]));
  return {
    result,
    grant: (node) => {
      const found = grants.get(node);
      if (found === undefined) throw new Error(`no grant for ${node}: ${JSON.stringify(result)}`);
      return found;
    },
  };
}

/** Presents an inquiry and a grant at a bureau, by whoever. */
export function present(
  federation: Federation,
  { by, to, ...item }: { by: string | Certificate | undefined; to: string; inquiry: string; grant: string },
): Promise<FederationAnswer> {
  return callFederation(federation, { by, to, path: '/v1/disclosures', body: { items: [item] } });
}

/** What a statement says, unverified: tests look at statements that services made. */
export function claimsOf(jws: string): Record<string, unknown> & { grant?: Digest; inquiry?: Digest } {
  return readUnverified(jws).claims as Record<string, unknown>;
}
