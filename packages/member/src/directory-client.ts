import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import { pollSeconds } from '@causeway/protocol/statements/directory';
import type { Digest, DirectoryView } from '@causeway/protocol';
import { every } from '@causeway/service';
import type { Log, Timer } from '@causeway/service';
import type { Kysely } from 'kysely';

import { DirectoryFollower } from './directory-follower.ts';
import { httpDirectorySource } from './directory-source.ts';
import type { DirectorySource } from './directory-source.ts';
import { createDirectoryStore } from './directory-store.ts';
import { UnknownKeys } from './unknown-keys.ts';

export interface DirectoryClient {
  /** Takes up the stored directory, or the first one fetched, and polls from then on. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /**
   * The newest directory this node believes.
   * @throws CausewayError not_ready: none yet, or it has expired; nothing is released then
   */
  view(): DirectoryView;
  /** As `view`, but regardless of the clock check: who is at the other end of a connection. */
  members(): DirectoryView;
  /** The newest directory held, past its expiry too: which of its own keys a node may use. */
  latest(): DirectoryView | undefined;
  /** Calls `listener` whenever another version is held. */
  onChange(listener: () => void): void;
  /**
   * Fetches before the statements in a received body are judged, where the directory lists a key of theirs
   * not yet: once per interval for all such keys, and never for long.
   */
  meet(body: unknown): Promise<void>;
  /**
   * Fetches now, and waits a little where what is there has no proof yet. With `minVersion`, for a node that
   * is behind what it was shown.
   * @throws CausewayError not_ready when the directory is still older than that
   */
  refresh(minVersion?: number): Promise<void>;
  /**
   * Adopts the head that the authority has sent, and returns the directory that holds from now on: this one
   * or, where it was held already, a newer one.
   * @throws CausewayError as a poll does, and not_ready where the head has expired
   */
  take(head: string): Promise<DirectoryView>;
  /** True while a directory is held that has not expired. */
  ready(): boolean;
  /** False once a newer directory has lacked its proof in the authority's ledger for a minute. */
  proven(): boolean;
}

interface Options<DB> {
  readonly authorityUrl: string;
  readonly anchor: Digest;
  readonly fed: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly db: Kysely<DB>;
  readonly pollMs?: number;
  /** How long `refresh` waits for the proof of what it fetched. */
  readonly proofWaitMs?: number;
  /** Whether this node's clock agrees with the authority's; while it does not, `view` is not ready. */
  readonly clockAgrees?: () => boolean;
  /** What else happens at each poll: the clock is compared. */
  readonly atPoll?: () => Promise<void>;
  /** Where to fetch from, when not the authority's URL. */
  readonly source?: DirectorySource;
}

/** How soon the proof of a directory is looked for again: it is there about a second after the directory. */
const proofMs = 500;

/** Follows the authority's directory: signed, never rolled back, and never believed past its expiry. */
export function createDirectoryClient<DB>(options: Options<DB>): DirectoryClient {
  const source = options.source ?? httpDirectorySource(options.authorityUrl);
  const follower = new DirectoryFollower(options, source, createDirectoryStore(options.db));
  const unknown = new UnknownKeys({
    keys: () => follower.latest()?.keys,
    fetch: async () => await follower.refresh(),
    clock: options.clock,
  });
  follower.onChange(() => unknown.forget());
  const clockAgrees = options.clockAgrees ?? (() => true);
  let timers: Timer[] = [];
  const poll = async (): Promise<void> => {
    await follower.poll().catch((err: unknown) => options.log.warn({ event: 'directory_poll_failed', err }));
    await options.atPoll?.();
  };
  return {
    start: async () => {
      await follower.takeUpStored();
      await poll();
      const { log, pollMs = pollSeconds * 1000 } = options;
      timers = [
        every('directory', pollMs, poll, { log }),
        every('directory_proof', proofMs, async () => await follower.proveOffered(), { log }),
      ];
    },
    stop: async () => {
      await Promise.all(timers.map((timer) => timer.stop()));
      await source.close();
    },
    view: () => {
      if (!clockAgrees()) throw new CausewayError('not_ready', { internal: 'clock' });
      return follower.view();
    },
    members: () => follower.view(),
    latest: () => follower.latest(),
    onChange: (listener) => follower.onChange(listener),
    meet: async (body) => await unknown.meet(body),
    refresh: async (minVersion) => await follower.refresh(minVersion),
    take: async (head) => await follower.take(head),
    ready: () => follower.fresh(),
    proven: () => follower.isProven(),
  };
}
