import { setTimeout as pause } from 'node:timers/promises';

import type { Clock } from '@causeway/kernel';
import { CausewayError } from '@causeway/protocol';
import type { Digest, DirectoryView } from '@causeway/protocol';
import type { Log } from '@causeway/service';

import { assembleView, checkHead, readHeadAnswer } from './directory-check.ts';
import type { CheckedHead, TrustContext } from './directory-check.ts';
import { UnprovenOffers, away } from './directory-offer.ts';
import type { Offer } from './directory-offer.ts';
import type { DirectorySource } from './directory-source.ts';
import type { DirectoryStore } from './directory-store.ts';
import { RootFollower } from './root-follower.ts';

export interface FollowerOptions {
  readonly anchor: Digest;
  readonly fed: string;
  readonly clock: Clock;
  readonly log: Log;
  /** How long who needs a directory now waits for its proof; 0 where nobody waits. */
  readonly proofWaitMs?: number;
}

interface Held {
  readonly view: DirectoryView;
  readonly etag: string | undefined;
  /**
   * Past this the head is asked for without its ETag, since one that does not change would expire in our
   * hands.
   */
  readonly renewAtMs: number;
}

const entriesAtOnceMax = 8;
const proofWaitMsDefault = 2000;
const proofLookMs = 250;

/** The state behind a directory client: what is held, and the one way in which it is replaced. */
export class DirectoryFollower {
  private held: Held | undefined;
  private polling: Promise<void> | undefined;
  private awaiting: Promise<void> | undefined;
  private readonly listeners: (() => void)[] = [];
  private readonly options: FollowerOptions;
  private readonly source: DirectorySource;
  private readonly store: DirectoryStore;
  private readonly roots: RootFollower;
  private readonly unproven: UnprovenOffers;

  constructor(options: FollowerOptions, source: DirectorySource, store: DirectoryStore) {
    this.options = options;
    this.source = source;
    this.store = store;
    this.roots = new RootFollower({ source, store, log: options.log });
    this.unproven = new UnprovenOffers({ source, clock: options.clock, log: options.log });
  }

  view(): DirectoryView {
    const view = this.latest();
    if (view === undefined || this.options.clock.now() >= view.expiresAtMs)
      throw new CausewayError('not_ready');
    return view;
  }

  /** The newest directory held, past its expiry too. */
  latest(): DirectoryView | undefined {
    return this.unproven.common() ?? this.held?.view;
  }

  /** False once a directory that is offered has lacked its proof for long. */
  isProven(): boolean {
    return !this.unproven.isLate();
  }

  fresh(): boolean {
    return this.held !== undefined && this.options.clock.now() < this.held.view.expiresAtMs;
  }

  /** Calls `listener` whenever another version is held. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /**
   * Believes what the database holds, if it still verifies; an expired one only keeps its version as the
   * floor.
   */
  async takeUpStored(): Promise<void> {
    await this.roots.takeUpStored();
    const stored = await this.store.load();
    if (stored === undefined || stored.version <= (this.held?.view.version ?? 0)) return;
    try {
      this.hold(checkHead(this.roots.files(), stored.head, this.trust()), stored.entries, undefined);
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
    await this.awaitProof();
    if (this.view().version < (minVersion ?? 0)) throw new CausewayError('not_ready');
  }

  /** A head that was just signed is proven a second later: all who need it now wait together. */
  private async awaitProof(): Promise<void> {
    this.awaiting ??= this.lookForProof().finally(() => {
      this.awaiting = undefined;
    });
    await this.awaiting;
  }

  private async lookForProof(): Promise<void> {
    const { proofWaitMs = proofWaitMsDefault } = this.options;
    for (let waited = 0; this.unproven.offer() && waited < proofWaitMs; waited += proofLookMs) {
      await pause(proofLookMs);
      await this.proveOffered();
    }
  }

  /** Looks again for the proof of what is offered, if something waits for one. Never throws. */
  async proveOffered(): Promise<void> {
    if (this.unproven.offer() === undefined) return;
    this.polling ??= this.reconsider().finally(() => {
      this.polling = undefined;
    });
    await this.polling.catch((err: unknown) =>
      this.options.log.warn({ event: 'directory_poll_failed', err }),
    );
  }

  private async reconsider(): Promise<void> {
    const offer = this.unproven.offer();
    const isGood = offer !== undefined && this.options.clock.now() < offer.view.expiresAtMs;
    if (isGood) await this.consider(offer);
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
    const checked = await this.check(headJws);
    const { version } = checked.head.claims;
    if (version > (this.held?.view.version ?? 0)) await this.consider(await this.offer(checked, undefined));
    if (!this.holds(version)) throw new CausewayError('not_ready');
  }

  private holds(version: number | undefined): boolean {
    return version !== undefined && this.fresh() && this.view().version >= version;
  }

  /** One poll; callers that come while one is under way share it. */
  async poll(): Promise<void> {
    this.polling ??= this.pollOnce()
      .catch((error: unknown) => {
        this.alarmRefused(error);
        throw error;
      })
      .finally(() => {
        this.polling = undefined;
      });
    await this.polling;
  }

  private async pollOnce(): Promise<void> {
    // Before the newest: where heads follow one another fast, one after the other is proven all the same.
    await this.reconsider();
    const held = this.held;
    const renew = held === undefined || this.options.clock.now() >= held.renewAtMs;
    const answer = await this.source.head(renew ? undefined : held.etag);
    if (answer === undefined) return;
    const checked = await this.check(readHeadAnswer(answer.text));
    if (this.olderThanHeld(checked)) return;
    await this.consider(await this.offer(checked, answer.etag));
  }

  /** A head that does not verify under the roots held may follow a rotated one, which is followed first. */
  private async check(headJws: string): Promise<CheckedHead> {
    const trust = this.trust();
    if (this.roots.files().length === 0) await this.roots.follow(trust);
    try {
      return checkHead(this.roots.files(), headJws, trust);
    } catch (error) {
      if ((await this.roots.follow(trust)) === undefined) throw error;
      return checkHead(this.roots.files(), headJws, trust);
    }
  }

  /** The head with its entries, fetched as far as they are not known. */
  private async offer(checked: CheckedHead, etag: string | undefined): Promise<Offer> {
    const waiting = this.unproven.offer();
    if (waiting?.checked.head.digest === checked.head.digest) return waiting;
    const digests = checked.head.claims.entries.map((entry) => entry.digest);
    const known = await this.store.entries(digests);
    const fetched = await this.fetchEntries(digests.filter((digest) => !known.has(digest)));
    const entries = new Map([...known, ...fetched]);
    return { checked, entries, fetched, view: assembleView(checked, entries), etag };
  }

  /** Adopts what is offered, or obeys it in what it takes away until the authority's ledger shows it. */
  private async consider(offer: Offer): Promise<void> {
    const before = this.latest();
    if (await this.unproven.mayAdopt(this.held?.view, offer)) await this.adopt(offer);
    else if (this.latest() !== before) this.tellChange();
  }

  private async adopt({ checked, entries, etag, fetched }: Offer): Promise<void> {
    const { version } = checked.head.claims;
    const stored = await this.store.keepHighest({ version, head: checked.head.jws, entries: fetched });
    // A crash here: the next start takes up what was stored, and asks for no proof again: it had one, or
    // needed none, before it was stored. What is stored is never older than what was believed.
    if (stored > version) {
      this.alarm(version, stored);
      if (this.held === undefined || this.held.view.version < stored) await this.takeUpStored();
      return;
    }
    this.hold(checked, entries, etag);
  }

  private hold(checked: CheckedHead, entries: ReadonlyMap<string, string>, etag: string | undefined): void {
    const view = assembleView(checked, entries);
    const now = this.options.clock.now();
    const previous = this.held?.view.version;
    this.held = { view, etag, renewAtMs: now + (view.expiresAtMs - now) / 2 };
    const narrowed = this.unproven.offer() !== undefined;
    this.unproven.settle(view);
    if (previous === view.version && !narrowed) return;
    this.options.log.info({ event: 'directory', version: view.version });
    this.tellChange();
  }

  private tellChange(): void {
    for (const listener of this.listeners) listener();
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

  /** What the authority served was not the directory: somebody else's, a changed one, or an expired one. */
  private alarmRefused(err: unknown): void {
    if (!(err instanceof CausewayError) || away.has(err.code)) return;
    const known_version = this.held?.view.version ?? 0;
    this.options.log.error({ event: 'directory_refused', alarm: true, code: err.code, known_version });
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

  private trust(): TrustContext {
    return { anchor: this.options.anchor, fed: this.options.fed, nowMs: this.options.clock.now() };
  }
}
