import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '@causeway/kernel';
import type { ErrorCode } from '@causeway/protocol';
import type { Category } from '@causeway/records';
import {
  type Access,
  type BatchResult,
  type DeliveredReport,
  type InquiryView,
  type LineProof,
  Refused,
  revocationNonce,
  verifyEvidence,
} from '@causeway/sdk';
import type { Federation } from '../federation.ts';
import { type SandboxSubject, sandboxSubject } from '../people/persons.ts';
import { publishIslands } from './publish-islands.ts';
import { accessesOf } from './accesses-of.ts';
import { type Agreed, type Terms, agree, inquireUnder, usualTerms } from './consented-inquiry.ts';
import { revokedSigner } from './revoked-signer.ts';
import { witnessedProof } from './witnessed-proof.ts';

/** One thing that happened in the story, for whoever tells it. */
export type Scene =
  | { scene: 'published'; bureau: string; result: BatchResult; name: string }
  | { scene: 'enrolled'; bureau: string; subjects: number; name: string }
  | { scene: 'agreed'; lender: string; subject: SandboxSubject; bureaus: string[] }
  | { scene: 'progress'; view: InquiryView }
  | { scene: 'report'; title: string; subject: SandboxSubject; delivered: DeliveredReport }
  | { scene: 'refused'; title: string; code: ErrorCode; detail: string }
  | { scene: 'stopped'; bureau: string }
  | { scene: 'revoked'; subject: SandboxSubject; lender: string }
  | { scene: 'history'; subject: SandboxSubject; accesses: Access[] }
  | { scene: 'proof'; proof: LineProof }
  | { scene: 'evidence'; verified: boolean; tamperedRejected: boolean };

/** What the demo counts. `first_report_ms` is added by the command, which knows when it started. */
export interface StoryResult {
  inquiries: number;
  reports: number;
  partial: number;
  refusals: Record<string, number>;
  /** Inquiries about the person that their history shows, answered or refused. */
  accesses: number;
  /** Whether the oldest of these lines is proven to be in a ledger that witnesses have seen. */
  proof_verified: boolean;
  bundle_verified: boolean;
  tampered_bundle_rejected: boolean;
}

const PARTIAL_DEADLINE_S = 3;

/** The whole story of the exchange on a running federation, told scene by scene. */
export class Story {
  readonly #federation: Federation;
  readonly #tell: (scene: Scene) => void;
  readonly #startedAtMs = systemClock.now();
  readonly #counts = { inquiries: 0, reports: 0, partial: 0, refusals: {} as Record<string, number> };

  constructor(federation: Federation, tell: (scene: Scene) => void) {
    this.#federation = federation;
    this.#tell = tell;
  }

  async run(): Promise<StoryResult> {
    await publishIslands(this.#federation, this.#tell);
    const liNa = sandboxSubject('li-na');
    const { agreed, id } = await this.#firstReport(liNa);
    const bundle = await this.#federation.lender('abc-bank').evidence(id);
    await this.#withoutConsent(liNa, agreed);
    await this.#revokedKey(liNa, agreed);
    await this.#oneBureauStopped(liNa, agreed);
    await this.#afterRevocation(liNa, agreed);
    await this.#enterprise();
    const accesses = await this.#history(liNa);
    const proof_verified = await this.#proof(liNa);
    const evidence = this.#evidence(bundle);
    return { ...this.#counts, accesses, proof_verified, ...evidence };
  }

  async #firstReport(liNa: SandboxSubject): Promise<{ agreed: Agreed; id: string }> {
    const lender = this.#federation.lender('abc-bank');
    const terms = this.#terms(5);
    const agreed = await agree(this.#federation, lender, liNa, terms);
    this.#tell({ scene: 'agreed', lender: 'ABC Bank', subject: liNa, bureaus: terms.bureaus });
    this.#counts.inquiries += 1;
    const onChange = (view: InquiryView): void => this.#tell({ scene: 'progress', view });
    const delivered = await inquireUnder(lender, agreed, terms, { onChange });
    this.#counted(delivered);
    this.#tell({ scene: 'report', title: 'The first report', subject: liNa, delivered });
    return { agreed, id: delivered.id };
  }

  /** Another lender cites a consent that was not given to it. */
  async #withoutConsent(liNa: SandboxSubject, agreed: Agreed): Promise<void> {
    const evergreen = this.#federation.lender('evergreen');
    await this.#refusal(`Evergreen asks about ${liNa.name} without a consent of its own`, () =>
      inquireUnder(evergreen, agreed, this.#terms(1)),
    );
  }

  async #revokedKey(liNa: SandboxSubject, agreed: Agreed): Promise<void> {
    const lender = await revokedSigner(this.#federation, 'evergreen');
    await this.#refusal(`Evergreen asks about ${liNa.name} with a key that was revoked`, () =>
      onceKnown(() => inquireUnder(lender, agreed, this.#terms(1))),
    );
  }

  async #oneBureauStopped(liNa: SandboxSubject, agreed: Agreed): Promise<void> {
    const bureau = this.#federation.process('harbour');
    await bureau.stop();
    this.#tell({ scene: 'stopped', bureau: 'harbour' });
    this.#counts.inquiries += 1;
    const lender = this.#federation.lender('abc-bank');
    const terms = this.#terms(5);
    const delivered = await inquireUnder(lender, agreed, terms, { deadlineSeconds: PARTIAL_DEADLINE_S });
    await bureau.start();
    this.#counted(delivered);
    this.#tell({ scene: 'report', title: 'With one bureau stopped', subject: liNa, delivered });
  }

  async #afterRevocation(liNa: SandboxSubject, agreed: Agreed): Promise<void> {
    const token = await this.#federation.idToken(liNa, revocationNonce(agreed.id));
    await this.#federation.subject().revoke(agreed.id, token);
    this.#tell({ scene: 'revoked', subject: liNa, lender: 'ABC Bank' });
    await this.#refusal(`ABC Bank asks again after ${liNa.name} has revoked`, () =>
      inquireUnder(this.#federation.lender('abc-bank'), agreed, this.#terms(1)),
    );
  }

  async #enterprise(): Promise<void> {
    const firm = sandboxSubject('pingshan-trading');
    const lender = this.#federation.lender('abc-bank');
    const terms = this.#terms(1, 'enterprise');
    const agreed = await agree(this.#federation, lender, firm, terms);
    this.#counts.inquiries += 1;
    const delivered = await inquireUnder(lender, agreed, terms);
    this.#counted(delivered);
    this.#tell({ scene: 'report', title: 'An enterprise', subject: firm, delivered });
  }

  async #history(liNa: SandboxSubject): Promise<number> {
    const accesses = await this.#completeHistory(liNa);
    this.#tell({ scene: 'history', subject: liNa, accesses });
    return new Set(accesses.map(({ inquiry }) => inquiry)).size;
  }

  /**
   * What the broker refused by itself reaches the history within a minute; the rest is there at once. One
   * inquiry has two lines where the broker asks for a late bureau and the consent is revoked by then.
   */
  async #completeHistory(liNa: SandboxSubject): Promise<Access[]> {
    const giveUpAt = performance.now() + EARLY_REFUSAL_WITHIN_MS;
    for (;;) {
      const accesses = await accessesOf(this.#federation, liNa);
      const ours = accesses.filter(({ at }) => Date.parse(at) >= this.#startedAtMs);
      const complete = ours.some(({ code }) => code === 'key_revoked');
      if (complete || performance.now() > giveUpAt) return accesses;
      await wait(500);
    }
  }

  /** Witnesses have seen a line within a second or two. */
  async #proof(liNa: SandboxSubject): Promise<boolean> {
    const view = await this.#federation.directory().view();
    const proof = await witnessedProof(this.#federation, view, liNa, this.#startedAtMs);
    this.#tell({ scene: 'proof', proof });
    return proof.state === 'proven' && proof.proven.witnessed;
  }

  /**
   * The bundle was fetched while the consent stood; it proves the inquiry for good, with no service running.
   */
  #evidence(bundle: string): Pick<StoryResult, 'bundle_verified' | 'tampered_bundle_rejected'> {
    const { anchor } = this.#federation.card;
    const verified = verifyEvidence(bundle, anchor).verdict === 'verified';
    const tamperedRejected = !survives(() => verifyEvidence(flipOneByte(bundle), anchor));
    this.#tell({ scene: 'evidence', verified, tamperedRejected });
    return { bundle_verified: verified, tampered_bundle_rejected: tamperedRejected };
  }

  /** Runs what must be refused. An answer instead of a refusal ends the story: it would be a breach. */
  async #refusal(title: string, act: () => Promise<unknown>): Promise<void> {
    this.#counts.inquiries += 1;
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.#counts.refusals[error.code] = (this.#counts.refusals[error.code] ?? 0) + 1;
      this.#tell({ scene: 'refused', title, code: error.code, detail: error.publicDetail });
      return;
    }
    throw new Error(`${title}: it was answered`);
  }

  #counted({ report }: DeliveredReport): void {
    this.#counts.reports += 1;
    if (report.claims.exposure.lower_bound) this.#counts.partial += 1;
  }

  #terms(maxUses: number, kind: SandboxSubject['kind'] = 'person'): Terms {
    const usual = usualTerms(this.#federation.card.bureaus, maxUses);
    return { ...usual, categories: [...usual.categories, ...further[kind]] };
  }
}

/** What a lender asks for beside accounts, where bureaus have it. */
const further: Readonly<Record<SandboxSubject['kind'], readonly Category[]>> = {
  person: ['GUARANTEE', 'PUBLIC_RECORD', 'SCORE', 'WATCHLIST'],
  enterprise: ['IDENTITY', 'GUARANTEE', 'PUBLIC_RECORD', 'OWNERSHIP', 'FINANCIALS'],
};

/**
 * Nodes poll the directory every 5 s. Until then a key enrolled just now is unknown, which proves nothing.
 */
const KNOWN_WITHIN_MS = 15_000;
const EARLY_REFUSAL_WITHIN_MS = 60_000;

async function onceKnown<T>(ask: () => Promise<T>): Promise<T> {
  const giveUpAt = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const unknown = error instanceof Refused && error.code === 'key_unknown';
      if (!unknown || performance.now() > giveUpAt) throw error;
      await wait(250);
    }
  }
}

function survives(check: () => unknown): boolean {
  try {
    check();
    return true;
  } catch {
    return false;
  }
}

/** Changes one character in the middle of the bundle's longest text, the signed report or a disclosure. */
function flipOneByte(bundle: string): string {
  const at = Math.floor(bundle.length / 2);
  const flipped = bundle[at] === 'A' ? 'B' : 'A';
  return bundle.slice(0, at) + flipped + bundle.slice(at + 1);
}
