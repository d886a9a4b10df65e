import { LedgerError, openCheckpoint } from '@causeway/ledger';
import type { SignedCheckpoint } from '@causeway/ledger';
import { PeerFailure } from '@causeway/service';
import type { FederationClient } from '@causeway/service';

import { ledgerOf } from './known-ledgers.ts';
import type { LedgerDirectory } from './known-ledgers.ts';

/** A checkpoint of this node's own ledger that a witness shows, with the text that proves it. */
export interface ShownCheckpoint extends SignedCheckpoint {
  readonly text: string;
}

type Calls = Pick<FederationClient, 'text'>;

const seenMsMax = 1500;
const addMsMax = 3000;
const answerBytesMax = 65_536;

/**
 * What a witness has seen last of a ledger; undefined where it says that it has seen nothing, or shows what
 * the ledger's key has not signed: nobody is stopped by another's word alone.
 * @throws PeerFailure
 */
export async function askSeen(
  calls: Calls,
  { view, member, origin }: { view: LedgerDirectory; member: string; origin: string },
): Promise<ShownCheckpoint | undefined> {
  const path = `/witness/seen?origin=${encodeURIComponent(origin)}`;
  const bounds = { timeoutMs: seenMsMax, maxBytes: answerBytesMax };
  const { status, text } = await calls.text({ member, method: 'GET', path, ...bounds });
  if (status === 404) return undefined;
  if (status !== 200) throw new PeerFailure('answer');
  const ledger = ledgerOf(view, origin);
  if (ledger === undefined) return undefined;
  try {
    return { ...openCheckpoint(text, ledger), text };
  } catch (error) {
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}

/** What a witness makes of a checkpoint. */
export type AddAnswer =
  | { readonly outcome: 'cosigned'; readonly lines: string }
  | { readonly outcome: 'stale'; readonly size: number }
  | { readonly outcome: 'inconsistent' };

/** Sends a checkpoint to a witness. @throws PeerFailure, also for an answer that decides nothing */
export async function addCheckpoint(calls: Calls, member: string, body: string): Promise<AddAnswer> {
  const bounds = { timeoutMs: addMsMax, maxBytes: answerBytesMax };
  const path = '/witness/add-checkpoint';
  const { status, type, text } = await calls.text({ member, method: 'POST', path, body, ...bounds });
  if (status === 200) return { outcome: 'cosigned', lines: text };
  if (status === 422) return { outcome: 'inconsistent' };
  const told = status === 409 && type === 'text/x.tlog.size' && /^(0|[1-9][0-9]{0,14})\n$/u.exec(text);
  if (told) return { outcome: 'stale', size: Number(told[1]) };
  throw new PeerFailure('answer');
}
