import { limits } from '@causeway/kernel';
import { proofLimits } from '@causeway/ledger';
import { PeerFailure } from '@causeway/service';
import { readBounded } from '@causeway/service/bounded-body';
import { Agent } from 'undici';

/**
 * The authority's public pages that a directory is made of; all of them are checked by signature or digest.
 */
export interface DirectorySource {
  /** All root files, oldest first, as a JSON list. */
  roots(): Promise<string>;
  /** The head's answer as text, or undefined where it is still the one with this ETag. */
  head(etag: string | undefined): Promise<{ text: string; etag: string | undefined } | undefined>;
  entry(digest: string): Promise<string>;
  /**
   * A proof file that a head is in the authority's ledger; undefined where there is none yet. `own` where the
   * source is the authority's own tables: nobody needs a proof of what is in one's own ledger.
   */
  readonly proof: ((digest: string) => Promise<string | undefined>) | 'own';
  close(): Promise<void>;
}

const timeoutMs = 4000;

/** Fetches over HTTP, bounded in time and size. @throws PeerFailure */
export function httpDirectorySource(authorityUrl: string): DirectorySource {
  const agent = new Agent({ connections: 4, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const get = async (path: string, bytesMax: number, etag?: string) => {
    try {
      const { statusCode, headers, body } = await agent.request({
        origin: authorityUrl,
        path,
        method: 'GET',
        signal: AbortSignal.timeout(timeoutMs),
        headers: etag === undefined ? {} : { 'if-none-match': etag },
      });
      const text = (await readBounded(body, bytesMax)).toString('utf8');
      return { status: statusCode, etag: single(headers['etag']), text };
    } catch (error) {
      throw error instanceof PeerFailure ? error : new PeerFailure('unreachable', error);
    }
  };
  const text = async (path: string, bytesMax: number): Promise<string> => {
    const answer = await get(path, bytesMax);
    if (answer.status !== 200) throw new PeerFailure('answer');
    return answer.text;
  };
  return {
    roots: async () => await text('/roots', limits.directoryBytesMax),
    entry: async (digest) =>
      await text(`/directory/entries/${encodeURIComponent(digest)}`, limits.entryBytesMax),
    head: async (etag) => {
      const answer = await get('/directory', limits.directoryBytesMax, etag);
      if (answer.status === 304) return undefined;
      if (answer.status !== 200) throw new PeerFailure('answer');
      return { text: answer.text, etag: answer.etag };
    },
    proof: async (digest) => {
      const answer = await get(`/ledger/proof/${encodeURIComponent(digest)}`, proofLimits.bytesMax);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw new PeerFailure('answer');
      return answer.text;
    },
    close: async () => await agent.destroy(),
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
