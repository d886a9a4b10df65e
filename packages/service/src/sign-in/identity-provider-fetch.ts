import type { Clock } from '@causeway/kernel';
import { readBounded } from '../bounded-body.ts';

const timeoutMs = 3000;
const failedCooldownMs = 5000;
/** Of any answer of the provider. */
const bytesMax = 256 * 1024;

/** Asks the identity provider something small. */
export type IdentityProviderFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * What is endless, too large, late or no JSON is given up, and then not asked for again for a while: sign-ins
 * fail at once, and whoever waits holds nothing else. An answer that refuses is an answer.
 */
export function identityProviderFetch(clock: Clock): IdentityProviderFetch {
  let notBeforeMs = -Infinity;
  return async (url, init) => {
    if (clock.monotonic() < notBeforeMs) throw new Error('the identity provider has just failed');
    try {
      const bounds = { signal: AbortSignal.timeout(timeoutMs), redirect: 'error' } as const;
      const { body, headers, status } = await fetch(url, { ...init, ...bounds });
      const bytes = body === null ? Buffer.alloc(0) : await readBounded(body, bytesMax);
      if (bytes === undefined || status >= 500) throw new Error(`status ${status}`);
      // Whatever it is asked for is JSON, its refusals too.
      return Response.json(JSON.parse(bytes.toString()), { status, headers });
    } catch (cause) {
      notBeforeMs = clock.monotonic() + failedCooldownMs;
      throw new Error('the identity provider does not answer', { cause });
    }
  };
}
