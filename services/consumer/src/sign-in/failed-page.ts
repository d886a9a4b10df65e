import { CausewayError } from '@causeway/protocol';
import type { FastifyRequest } from 'fastify';

/** The portal's page for a sign-in that came to nothing. */
export const failedPage = '/sign-in-failed';

/**
 * Where a browser is sent that has come back from a sign-in which came to nothing; undefined for whatever
 * does not ask for a page. The address says one word of what was wrong, and where the person wanted to go.
 */
export function pageOfFailure(
  error: unknown,
  request: Pick<FastifyRequest, 'headers' | 'url'>,
  returnTo: string | undefined,
): string | undefined {
  if (!(request.headers.accept ?? '').includes('text/html')) return undefined;
  const query = new URLSearchParams({ why: reasonOf(error, request.url), to: returnTo ?? '/' });
  return `${failedPage}?${query.toString()}`;
}

function reasonOf(error: unknown, url: string): 'cancelled' | 'again' | 'weak' | 'act' | 'away' {
  if (!(error instanceof CausewayError)) return 'away';
  if (error.code === 'token_invalid') {
    const refusal = new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('error');
    return refusal === 'access_denied' ? 'cancelled' : 'again';
  }
  if (error.code === 'authentication_weak') return 'weak';
  return actCodes.has(error.code) ? 'act' : 'away';
}

/** What was to be done cannot be done any more, or not by this person. */
const actCodes: ReadonlySet<string> = new Set(['conflict', 'not_found', 'member_suspended', 'bad_request']);
