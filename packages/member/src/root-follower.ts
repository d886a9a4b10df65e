import { CausewayError, rootFingerprint } from '@causeway/protocol';
import type { RootFile, TrustedRoot } from '@causeway/protocol';
import type { Log } from '@causeway/service';

import { checkRoots, readRootsAnswer } from './directory-check.ts';
import type { TrustContext } from './directory-check.ts';
import type { DirectorySource } from './directory-source.ts';
import type { DirectoryStore } from './directory-store.ts';

interface Options {
  readonly source: DirectorySource;
  readonly store: DirectoryStore;
  readonly log: Log;
}

/**
 * The root files that this node has followed from its anchor. They are kept in the database, are only ever
 * added to, and nobody brings the node back to fewer.
 */
export class RootFollower {
  private known: readonly RootFile[] = [];
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** Oldest first; none before the first fetch. */
  files(): readonly RootFile[] {
    return this.known;
  }

  async takeUpStored(): Promise<void> {
    this.known = await this.options.store.roots();
  }

  /**
   * Fetches what the authority serves, and follows it as far as it goes. Undefined where that is no further
   * than before.
   * @throws CausewayError the code with which the chain fails; PeerFailure
   */
  async follow(trust: TrustContext): Promise<TrustedRoot | undefined> {
    const served = readRootsAnswer(await this.options.source.roots());
    const root = checkRoots(served, trust);
    this.refuseAnother(root.chain);
    if (served.length <= this.known.length) return undefined;
    // A crash here: the next start takes up what was stored, which is never fewer than what was believed.
    this.known = await this.options.store.keepRoots(root.chain);
    this.options.log.info({ event: 'root', version: this.known.length });
    return checkRoots(this.known, trust);
  }

  /** Fewer files than before, or others in their place, are an attempt to bring an old root back. */
  private refuseAnother(served: readonly RootFile[]): void {
    const same = this.known.every((file, at) => {
      const other = served[at];
      return other !== undefined && rootFingerprint(other) === rootFingerprint(file);
    });
    if (same) return;
    const [version, known_version] = [served.length, this.known.length];
    this.options.log.error({ event: 'root_rollback', alarm: true, version, known_version });
    throw new CausewayError('directory_stale', { internal: 'fewer or other root files than before' });
  }
}
