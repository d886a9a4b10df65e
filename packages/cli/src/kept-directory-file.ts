import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clients } from '@causeway/sandbox';
import { CausewayError, type DirectoryView, keepDirectory, openKeptDirectory } from '@causeway/sdk';

const fileIn = (home: string): string => join(home, 'directory.json');

/** The directory as the authority serves it, kept for when it is away. */
export async function freshDirectory(clients: Clients): Promise<DirectoryView> {
  const view = await clients.directory().view();
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
    if (!away || !existsSync(fileIn(clients.home))) throw error;
    return openKeptDirectory(readFileSync(fileIn(clients.home), 'utf8'), clients.card.anchor);
  }
}
