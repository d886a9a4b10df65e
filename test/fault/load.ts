import type { Agreed, Terms } from '@causeway/sandbox/story/consented-inquiry';
import type { Accepted, StubbornLender } from './stubborn-lender.ts';
import type { Told } from './snapshot.ts';

/** Far beyond the slowest recovery, so that an inquiry that ends partial has lost something. */
const DEADLINE_S = 600;
/** How often each of many asks whether its inquiry has ended. */
const LOOK_MS = 400;

interface Options {
  readonly lender: StubbornLender;
  /** Asked in turn. */
  readonly agreed: readonly Agreed[];
  readonly terms: Terms;
  readonly perSecond: number;
  /** Inquiries under way, beyond which no new one is asked. */
  readonly atOnceMax: number;
}

/**
 * A lender that asks at a steady rate whatever becomes of what it asked before, each statement twice at once,
 * and follows every inquiry to its report.
 */
export class Load {
  /** What the lender holds, and must find again in the databases. */
  readonly told: Told = { accepted: [], reports: [], disclosures: [] };
  readonly accepted: Accepted[] = [];
  readonly #options: Options;
  readonly #underWay = new Set<Promise<void>>();
  readonly #failures: Error[] = [];
  #timer: NodeJS.Timeout | undefined;
  #turn = 0;
  /** What was accepted, less what was reported, before the last start. */
  #lostBefore = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Inquiries since the last start that were accepted and have no report yet. */
  get unreported(): number {
    return this.accepted.length - this.told.reports.length - this.#lostBefore;
  }

  start(): void {
    this.#lostBefore += this.unreported;
    const { atOnceMax, perSecond } = this.#options;
    this.#timer = setInterval(() => {
      if (this.#underWay.size < atOnceMax) this.#ask();
    }, 1000 / perSecond);
  }

  /** Asks no more and waits for all that was asked. @throws the first fault that was no passing one */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    const [first] = this.#failures.splice(0);
    if (first !== undefined) throw first;
  }

  #ask(): void {
    const { agreed } = this.#options;
    const next = agreed[this.#turn % agreed.length];
    this.#turn += 1;
    if (!next) return;
    const work = this.#follow(next)
      .catch((error: unknown) => {
        this.#failures.push(error instanceof Error ? error : new Error(String(error)));
      })
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
  }

  async #follow(agreed: Agreed): Promise<void> {
    const { lender, terms } = this.#options;
    const accepted = await lender.accepted(agreed, terms, DEADLINE_S);
    this.accepted.push(accepted);
    this.told.accepted.push(accepted.inquiry.digest);
    const { disclosures, report } = await lender.report(accepted, LOOK_MS).catch((cause: unknown) => {
      throw new Error(`inquiry ${accepted.inquiry.id} has no report: ${String(cause)}`, { cause });
    });
    this.told.reports.push(report);
    this.told.disclosures.push(...disclosures);
  }
}
