import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { Digest, DirectoryView } from '@causeway/protocol';
import type { Log } from '@causeway/service';

import { assembleView, checkHead, readHeadAnswer } from './directory-check.ts';
import type { CheckedHead } from './directory-check.ts';
import type { DirectorySource } from './directory-source.ts';
import type { DirectoryStore } from './directory-store.ts';

export interface FollowerOptions {
  readonly anchor: Digest;
  readonly fed: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface Held {
  readonly view: DirectoryView;
  readonly rootText: string;
  readonly etag: string | undefined;
  /**
   * Past this the head is asked for without its ETag, since one that does not change would expire in our
   * hands.
   */
  readonly renewAtMs: number;
}

const entriesAtOnceMax = 8;

/** The state behind a directory client: what is held, and the one way in which it is replaced. */
export class DirectoryFollower {
  private held: Held | undefined;
  private polling: Promise<void> | undefined;
  private readonly options: FollowerOptions;
  private readonly source: DirectorySource;
  private readonly store: DirectoryStore;

  constructor(options: FollowerOptions, source: DirectorySource, store: DirectoryStore) {
    this.options = options;
    this.source = source;
    this.store = store;
  }

  view(): DirectoryView {
    const view = this.held?.view;
    if (view === undefined || this.options.clock.now() >= view.expiresAtMs)
      throw new CausewayError('not_ready');
    return view;
  }

  fresh(): boolean {
    return this.held !== undefined && this.options.clock.now() < this.held.view.expiresAtMs;
  }

  /**
   * Believes what the database holds, if it still verifies; an expired one only keeps its version as the
   * floor.
   */
  async takeUpStored(): Promise<void> {
    const stored = await this.store.load();
    if (stored === undefined || stored.version <= (this.held?.view.version ?? 0)) return;
    try {
      const checked = checkHead(stored.root, stored.head, this.trust());
      this.hold(checked, stored.root, stored.entries, undefined);
    } catch (err) {
      this.options.log.info({ event: 'directory_stored_unusable', known_version: stored.version, err });
    }
  }

  async refresh(minVersion?: number): Promise<void> {
    // A poll under way may have read the head before the caller was shown a newer one.
    await this.polling?.catch(() => undefined);
    if (this.holds(minVersion)) return;
    // Another process of this node may have adopted it already.
    if (minVersion !== undefined) await this.takeUpStored();
    if (this.holds(minVersion)) return;
    await this.poll();
    if (this.view().version < (minVersion ?? 0)) throw new CausewayError('not_ready');
  }

  /** Adopts a head that the authority has sent, unless a newer one is held already. Waits for its turn. */
  async take(headJws: string): Promise<DirectoryView> {
    while (this.polling !== undefined) await this.polling.catch(() => undefined);
    this.polling = this.takeOnce(headJws).finally(() => {
      this.polling = undefined;
    });
    await this.polling;
    return this.view();
  }

  private async takeOnce(headJws: string): Promise<void> {
    const rootText = this.held?.rootText ?? (await this.source.root());
    const checked = await this.checkWithRoot(rootText, headJws);
    const { version } = checked.head.claims;
    if (version > (this.held?.view.version ?? 0)) await this.adopt(checked, undefined);
    if (!this.holds(version)) throw new CausewayError('not_ready');
  }

  private holds(version: number | undefined): boolean {
    return version !== undefined && this.fresh() && this.view().version >= version;
  }

  /** One poll; callers that come while one is under way share it. */
  async poll(): Promise<void> {
    this.polling ??= this.pollOnce().finally(() => {
      this.polling = undefined;
    });
    await this.polling;
  }

  private async pollOnce(): Promise<void> {
    const held = this.held;
    const renew = held === undefined || this.options.clock.now() >= held.renewAtMs;
    const answer = await this.source.head(renew ? undefined : held.etag);
    if (answer === undefined) return;
    const headJws = readHeadAnswer(answer.text);
    const rootText = held?.rootText ?? (await this.source.root());
    const checked = await this.checkWithRoot(rootText, headJws);
    if (this.olderThanHeld(checked)) return;
    await this.adopt(checked, answer.etag);
  }

  /** A head under a key that the held root does not name may follow a rotated root. */
  private async checkWithRoot(
    rootText: string,
    headJws: string,
  ): Promise<CheckedHead & { rootText: string }> {
    try {
      return { ...checkHead(rootText, headJws, this.trust()), rootText };
    } catch (error) {
      const fetched = await this.source.root();
      if (fetched === rootText) throw error;
      return { ...checkHead(fetched, headJws, this.trust()), rootText: fetched };
    }
  }

  private async adopt(checked: CheckedHead & { rootText: string }, etag: string | undefined): Promise<void> {
    const { head, rootText } = checked;
    const digests = head.claims.entries.map((entry) => entry.digest);
    const known = await this.store.entries(digests);
    const fetched = await this.fetchEntries(digests.filter((digest) => !known.has(digest)));
    const entries = new Map([...known, ...fetched]);
    assembleView(checked, entries);
    const version = await this.store.keepHighest({
      version: head.claims.version,
      root: rootText,
      head: head.jws,
      entries: fetched,
    });
    // A crash here: the next start takes up what was stored. What is stored is never older than what was
    // believed.
    if (version > head.claims.version) {
      this.alarm(head.claims.version, version);
      if (this.held === undefined || this.held.view.version < version) await this.takeUpStored();
      return;
    }
    this.hold(checked, rootText, entries, etag);
  }

  private hold(
    checked: CheckedHead,
    rootText: string,
    entries: ReadonlyMap<string, string>,
    etag: string | undefined,
  ): void {
    const view = assembleView(checked, entries);
    const now = this.options.clock.now();
    const previous = this.held?.view.version;
    this.held = { view, rootText, etag, renewAtMs: now + (view.expiresAtMs - now) / 2 };
    if (previous !== view.version) this.options.log.info({ event: 'directory', version: view.version });
  }

  private olderThanHeld({ head }: CheckedHead): boolean {
    const known = this.held?.view.version ?? 0;
    if (head.claims.version >= known) return false;
    this.alarm(head.claims.version, known);
    return true;
  }

  private alarm(version: number, known: number): void {
    this.options.log.error({ event: 'directory_rollback', alarm: true, version, known_version: known });
  }

  private async fetchEntries(digests: readonly string[]): Promise<Map<string, string>> {
    const out = new Map<string, string>();
    for (let at = 0; at < digests.length; at += entriesAtOnceMax) {
      const some = digests.slice(at, at + entriesAtOnceMax);
      const texts = await Promise.all(some.map(async (digest) => await this.source.entry(digest)));
      some.forEach((digest, index) => out.set(digest, texts[index] ?? ''));
    }
    return out;
  }

  private trust() {
    return { anchor: this.options.anchor, fed: this.options.fed, nowMs: this.options.clock.now() };
  }
}
