import {
  type Access,
  CausewayError,
  type Digest,
  fingerprintOf,
  type LineProof,
  openKeptDirectory,
  verifyHistory,
} from '@causeway/sdk/page';
import { api, text } from '../api.ts';

/** What this browser has found out about a history by itself. */
export interface CheckedHistory {
  readonly lines: readonly LineProof[];
  /** Of the federation's root file, as this browser trusts it. */
  readonly anchor: Digest;
  /** Whether it was seen here for the first time now. */
  readonly first: boolean;
}

/** A federation of another root than the one that this browser has seen before. */
export class AnotherFederation extends Error {
  readonly code = 'another_federation';
}

const kept = 'causeway-anchor';
/** Lines that are looked at: forty pages. */
const pagesMax = 40;

/**
 * Reads the whole history, and proves each line in this page: under the directory, which is verified from the
 * root file that this browser saw first. The service that hands it all out is believed in nothing.
 *
 * @param nowMs milliseconds since the epoch, by this browser's clock
 * @throws AnotherFederation, CausewayError `directory_invalid` and the like, Refused
 */
export async function checkHistory(nowMs: number): Promise<CheckedHistory> {
  const [directory, accesses] = await Promise.all([api.directory(), allAccesses()]);
  const seen = localStorage.getItem(kept);
  const anchor = seen === null ? fingerprintOf(directory) : (seen as Digest);
  const view = viewUnder(directory, anchor);
  const lines = verifyHistory(accesses, await proofsElsewhere(accesses), { view, nowMs });
  localStorage.setItem(kept, anchor);
  return { lines, anchor, first: seen === null };
}

function viewUnder(directory: string, anchor: Digest): ReturnType<typeof openKeptDirectory> {
  try {
    return openKeptDirectory(directory, anchor);
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'anchor_mismatch') {
      throw new AnotherFederation(anchor, { cause: error });
    }
    throw error;
  }
}

async function allAccesses(): Promise<Access[]> {
  const lines: Access[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pagesMax; page += 1) {
    const { items, next } = await api.accesses(cursor);
    lines.push(...items);
    cursor = next;
    if (cursor === undefined) break;
  }
  return lines;
}

/** Proofs of lines that somebody else decided, from their ledgers; one that cannot be had is absent. */
async function proofsElsewhere(lines: readonly Access[]): Promise<Map<string, string>> {
  const found = await Promise.all(
    lines.map(async ({ leaf, proof, proof_url: url }) => {
      if (proof !== null || url === undefined) return [];
      return await text(url).then(
        (fetched) => [[leaf, fetched] as const],
        () => [],
      );
    }),
  );
  return new Map(found.flat());
}
