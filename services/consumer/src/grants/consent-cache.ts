import { readUnverified, type Consent, type Digest, type PasskeyProof } from '@causeway/protocol';

/** A consent as it was signed, and by what a passkey has agreed to it where one has. */
export interface OpenedConsent {
  readonly statement: string;
  readonly claims: Consent;
  readonly passkey?: PasskeyProof;
}

const keptMax = 4096;

/**
 * Consents that were opened lately, by digest: what is signed never changes, so that it is unsealed and
 * parsed once for many inquiries. What changes, state and uses, is read each time.
 */
export class ConsentCache {
  readonly #kept = new Map<string, OpenedConsent>();

  has(digest: string): boolean {
    return this.#kept.has(digest);
  }

  get(digest: Digest): OpenedConsent | undefined {
    const found = this.#kept.get(digest);
    if (found === undefined) return undefined;
    this.#kept.delete(digest);
    this.#kept.set(digest, found);
    return found;
  }

  /**
   * Keeps a statement that this node signed and that its own box held: it is what was signed. The longest
   * unused one makes room.
   */
  put(digest: Digest, statement: string, passkey?: PasskeyProof): OpenedConsent {
    const claims = readUnverified(statement).claims as Consent;
    const opened = { statement, claims, ...(passkey === undefined ? {} : { passkey }) };
    if (this.#kept.size >= keptMax) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(digest, opened);
    return opened;
  }
}
