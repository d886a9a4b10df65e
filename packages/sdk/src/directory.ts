import type { Clock } from '@causeway/kernel';
import {
  CausewayError,
  type Digest,
  type DirectoryView,
  type MemberEntry,
  type TrustedRoot,
  buildView,
  narrowed,
  parseStrictJson,
  rootFingerprint,
  verifyDirectory,
  verifyRoot,
} from '@causeway/protocol';
import { mayReplace } from './directory-proof.ts';
import { json, send } from './http.ts';

export interface DirectoryOptions {
  authorityUrl: string;
  /** Fingerprint of the federation's root file, configured out of band. */
  anchor: Digest;
  fed: string;
  clock: Clock;
  /** One that was kept: what is fetched must follow from it, not from the root file alone. */
  held?: DirectoryView;
}

/**
 * A client's view of who is who. Fetched again when it is older than this, and kept when the authority is
 * away.
 */
const FRESH_MS = 5_000;
/** A proof is there about a second after the directory; until then it is asked for so often. */
const UNPROVEN_MS = 500;
/** Looks for the proof where nothing older can be used meanwhile. */
const LOOKS_MAX = 8;
/** What an authority says, or what is said of it, while it cannot answer. */
const AWAY = new Set(['unavailable', 'not_ready', 'internal', 'rate_limited']);

/**
 * The federation's directory as a member outside the node network sees it: fetched from the authority,
 * verified from the anchor down, and never replaced by an older one, nor by one that adds keys or roles which
 * the authority's ledger does not show.
 */
export class Directory {
  readonly #options: DirectoryOptions;
  readonly #entries = new Map<string, string>();
  #root: TrustedRoot | undefined;
  /** The newest that may be held. */
  #held: DirectoryView | undefined;
  /** That one, without what a newer one takes away for which there is no proof yet. */
  #view: DirectoryView | undefined;
  #fetchedAtMs = 0;

  constructor(options: DirectoryOptions) {
    this.#options = options;
    this.#held = options.held;
  }

  /** @throws CausewayError `not_ready` where there is no directory that has not expired */
  async view(): Promise<DirectoryView> {
    const { clock } = this.#options;
    if (!this.#view) await this.refresh();
    else if (clock.monotonic() - this.#fetchedAtMs > this.#freshMs()) await this.#refreshOrKeep();
    if (!this.#view || this.#view.expiresAtMs <= clock.now()) {
      throw new CausewayError('not_ready', {
        detail:
          this.#view === this.#held
            ? 'the directory has expired; the authority must be reachable'
            : 'the directory has expired, and the authority has no proof for the next one',
      });
    }
    return this.#view;
  }

  /** @throws CausewayError `directory_stale`, `directory_invalid`, and as a head that does not verify */
  async refresh(): Promise<void> {
    const { root, view } = await this.#fetch();
    const held = this.#held;
    if (held !== undefined && view.version < held.version)
      throw new CausewayError('directory_stale', { detail: 'The authority served an older directory.' });
    const may = held === undefined || (await this.#mayReplace(held, view));
    this.#root = root;
    if (may) this.#held = view;
    this.#view = may ? view : narrowed(held, view);
    this.#fetchedAtMs = this.#options.clock.monotonic();
  }

  #freshMs(): number {
    return this.#view === this.#held ? FRESH_MS : UNPROVEN_MS;
  }

  /** The held one goes on while a proof is missing; where it has expired, the proof is waited for. */
  async #mayReplace(held: DirectoryView, offered: DirectoryView): Promise<boolean> {
    const { authorityUrl, clock } = this.#options;
    for (let looks = 1; ; looks += 1) {
      if (await mayReplace(held, offered, authorityUrl)) return true;
      if (held.expiresAtMs > clock.now() || looks >= LOOKS_MAX) return false;
      await new Promise((resolve) => setTimeout(resolve, UNPROVEN_MS));
    }
  }

  /**
   * An authority that does not answer leaves the view as it is, until that expires; it is asked again later.
   */
  async #refreshOrKeep(): Promise<void> {
    this.#fetchedAtMs = this.#options.clock.monotonic();
    try {
      await this.refresh();
    } catch (error) {
      if (!(error instanceof CausewayError) || !AWAY.has(error.code)) throw error;
    }
  }

  /** The base URL of a member's public listener. */
  async publicUrl(member: string): Promise<string> {
    const url = (await this.view()).member(member)?.endpoints.public;
    if (!url) throw new CausewayError('member_unknown', { detail: `${member} has no public endpoint` });
    return url;
  }

  /**
   * The one active member with this role, for roles of which a federation has one (consumer service, broker).
   */
  async sole(role: 'consumer' | 'broker' | 'authority'): Promise<MemberEntry> {
    const member = (await this.view()).membersWith(role).find((entry) => entry.status === 'active');
    if (!member) throw new CausewayError('member_unknown', { detail: `no active ${role} in the directory` });
    return member;
  }

  async #fetch(): Promise<{ root: TrustedRoot; view: DirectoryView }> {
    const { authorityUrl } = this.#options;
    const answer = json(await send({ method: 'GET', url: `${authorityUrl}/directory` }));
    const { root, head } = await this.#verified(String(answer['head']));
    const texts = await Promise.all(head.claims.entries.map(({ digest }) => this.#entry(digest)));
    const view = buildView(root, head, texts);
    // Past the end of either, nothing is believed.
    return { root, view: { ...view, expiresAtMs: Math.min(view.expiresAtMs, root.expires_at * 1000) } };
  }

  /** A head that does not verify under the root held may follow a rotated one, which is followed first. */
  async #verified(jws: string) {
    const nowMs = this.#options.clock.now();
    const held = this.#root;
    if (held && nowMs < held.expires_at * 1000) {
      try {
        return { root: held, head: verifyDirectory(jws, held, nowMs) };
      } catch (error) {
        const root = await this.#followRoots();
        if (root.version === held.version) throw error;
        return { root, head: verifyDirectory(jws, root, nowMs) };
      }
    }
    const root = await this.#followRoots();
    return { root, head: verifyDirectory(jws, root, nowMs) };
  }

  /** The newest root file, followed from the anchor; it must go on from the one held. */
  async #followRoots(): Promise<TrustedRoot> {
    const { authorityUrl, anchor, fed, clock } = this.#options;
    const files = parseStrictJson((await send({ method: 'GET', url: `${authorityUrl}/roots` })).text);
    const root = verifyRoot(Array.isArray(files) ? files : [], anchor, clock.now());
    if (root.fed !== fed) throw new CausewayError('federation_mismatch', { pointer: '/fed' });
    const held = this.#root;
    const before = held && root.chain[held.version - 1];
    if (held && (!before || rootFingerprint(before) !== held.fingerprint)) {
      throw new CausewayError('directory_stale', { detail: 'The authority served an older root file.' });
    }
    return root;
  }

  /** Entries never change under their digest, which `buildView` checks, so each is fetched once. */
  async #entry(digest: string): Promise<string> {
    const known = this.#entries.get(digest);
    if (known !== undefined) return known;
    const url = `${this.#options.authorityUrl}/directory/entries/${encodeURIComponent(digest)}`;
    const { text } = await send({ method: 'GET', url });
    this.#entries.set(digest, text);
    return text;
  }
}
