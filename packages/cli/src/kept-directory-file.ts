import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clients } from '@causeway/sandbox';
import { CausewayError, type DirectoryView, keepDirectory, openKeptDirectory } from '@causeway/sdk';

const fileIn = (home: string): string => join(home, 'directory.json');

/**
 * The directory as the authority serves it, kept for when it is away, and for the next one: what that adds to
 * this, the authority's ledger must show.
 *
 * @throws CausewayError as `Directory.view`; `anchor_mismatch` and others where the file was meddled with
 */
export async function freshDirectory(clients: Clients): Promise<DirectoryView> {
  const view = await clients.directory(kept(clients)).view();
  writeFileSync(fileIn(clients.home), keepDirectory(view));
  return view;
}

/**
 * The directory, or where nobody answers, the last one that this machine saw.
 *
 * @throws CausewayError `unavailable` where there is neither
 */
export async function directoryAtHand(clients: Clients): Promise<DirectoryView> {
  try {
    return await freshDirectory(clients);
  } catch (error) {
    const away = error instanceof CausewayError && error.code === 'unavailable';
    const before = away ? kept(clients) : undefined;
    if (before === undefined) throw error;
    return before;
  }
}

function kept({ home, card }: Clients): DirectoryView | undefined {
  const file = fileIn(home);
  return existsSync(file) ? openKeptDirectory(readFileSync(file, 'utf8'), card.anchor) : undefined;
}
