import type { Clock } from '@causeway/kernel';
import { LedgerError, entryOf, isProven } from '@causeway/ledger';
import type { ProofTrust } from '@causeway/ledger';
import { CausewayError, additions, narrowed } from '@causeway/protocol';
import type { DirectoryView } from '@causeway/protocol';
import type { Log } from '@causeway/service';

import type { CheckedHead } from './directory-check.ts';
import { judgesIn } from './directory-proof.ts';
import type { DirectorySource } from './directory-source.ts';

/** A directory that the authority offers, verified from the root file down, before anybody obeys it. */
export interface Offer {
  readonly checked: CheckedHead;
  readonly entries: ReadonlyMap<string, string>;
  /** The texts that the database did not have. */
  readonly fetched: ReadonlyMap<string, string>;
  readonly view: DirectoryView;
  readonly etag: string | undefined;
}

interface Options {
  readonly source: Pick<DirectorySource, 'proof'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Waiting {
  readonly held: DirectoryView;
  readonly offer: Offer;
  readonly common: DirectoryView;
}

/** The authority does not answer: no attempt on the directory. */
export const away: ReadonlySet<string> = new Set(['unavailable', 'not_ready', 'internal', 'rate_limited']);

/** So long a head may lack its proof before that is an alarm. */
const unprovenMsMax = 60_000;

/**
 * What is offered and may not be adopted yet: it adds to what is held, and the authority's ledger does not
 * show it. What it takes away holds at once.
 */
export class UnprovenOffers {
  private waiting: Waiting | undefined;
  /** Since when the held directory could not be replaced; monotonic milliseconds. */
  private sinceMs: number | undefined;
  /** What has been told of this wait. */
  private readonly told = new Set<string>();
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** What waits for its proof. */
  offer(): Offer | undefined {
    return this.waiting?.offer;
  }

  /** What the held directory and the one that waits have in common; undefined where none waits. */
  common(): DirectoryView | undefined {
    return this.waiting?.common;
  }

  /** True once a proof has been missing for so long that somebody must look. */
  isLate(): boolean {
    return this.sinceMs !== undefined && this.options.clock.monotonic() - this.sinceMs >= unprovenMsMax;
  }

  /** Another directory is held: only what is newer still waits. */
  settle(held: DirectoryView): void {
    if (this.told.has('late')) this.options.log.info({ event: 'directory_unproven', alarm: false });
    const offer = this.waiting?.offer;
    this.waiting = undefined;
    this.sinceMs = undefined;
    this.told.clear();
    if (offer !== undefined && offer.view.version > held.version) this.wait(held, offer);
  }

  /**
   * Whether an offer may be adopted in the place of `held`. Where not, it waits from now on, unless something
   * newer does already.
   */
  async mayAdopt(held: DirectoryView | undefined, offer: Offer): Promise<boolean> {
    // The first directory is anchored by the root file alone.
    if (held === undefined || this.options.source.proof === 'own') return true;
    const judges = judgesIn(held);
    if (judges === undefined) return true;
    const isJudged = judgesIn(offer.view) !== undefined;
    const added = additions(held, offer.view);
    if (isJudged && added.length === 0) return true;
    if (isJudged && (await this.isShown(offer, judges))) return true;
    this.wait(held, offer);
    if (isJudged) this.tellUnproven(held, offer, added);
    else this.tellWitnessesLost(held, offer);
    return false;
  }

  /** In memory only: a process that starts again looks at the newest head before it does anything. */
  private wait(held: DirectoryView, offer: Offer): void {
    const before = this.waiting;
    const isNewest = before === undefined || before.offer.view.version <= offer.view.version;
    if (isNewest && (before?.offer !== offer || before.held !== held)) {
      this.waiting = { held, offer, common: narrowed(held, offer.view) };
    }
    this.sinceMs ??= this.options.clock.monotonic();
  }

  private async isShown({ checked: { head } }: Offer, judges: ProofTrust): Promise<boolean> {
    const { proof } = this.options.source;
    if (proof === 'own') return true;
    try {
      const file = await proof(head.digest);
      return file !== undefined && isProven(file, entryOf(head.digest), judges);
    } catch (error) {
      if (error instanceof CausewayError && away.has(error.code)) return false;
      if (!(error instanceof LedgerError)) throw error;
      const { version } = head.claims;
      const line = { event: 'directory_proof_refused', alarm: true, version, code: error.code };
      this.tellOnce(`${version} ${error.code}`, () => this.options.log.error(line));
      return false;
    }
  }

  private tellUnproven(held: DirectoryView, offer: Offer, added: readonly string[]): void {
    const versions = { version: offer.view.version, known_version: held.version };
    const line = { event: 'directory_unproven', ...versions, count: added.length, name: added[0] };
    this.tellOnce(`unproven ${offer.view.version}`, () => this.options.log.info(line));
    if (!this.isLate()) return;
    const reason = 'it adds to the one held, and the ledger of the authority does not show it';
    this.tellOnce('late', () => this.options.log.error({ ...line, alarm: true, reason }));
  }

  /** Whoever adds afterwards would need no proof: so it is never adopted, whatever proves it. */
  private tellWitnessesLost(held: DirectoryView, offer: Offer): void {
    const versions = { version: offer.view.version, known_version: held.version };
    const reason = 'it leaves too few witnesses to prove anything by; it is obeyed in what it takes away';
    const line = { event: 'directory_witnesses_lost', alarm: true, ...versions, reason };
    this.tellOnce('witnesses', () => this.options.log.error(line));
  }

  private tellOnce(what: string, tell: () => void): void {
    if (this.told.has(what)) return;
    this.told.add(what);
    tell();
  }
}
