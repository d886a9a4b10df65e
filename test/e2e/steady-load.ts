import { setTimeout as wait } from 'node:timers/promises';
import type { Agreed, Terms } from '@causeway/sandbox/story/consented-inquiry';
import { inquireUnder } from '@causeway/sandbox/story/consented-inquiry';
import type { AnsweredInquiry, Lender } from '@causeway/sdk';

const ANSWERS = new Set(['answered', 'empty', 'not_found']);
/** The machine has other work too. */
const PAUSE_MS = 40;
const PATIENCE_MS = 120_000;

/** Inquiries without end under one consent, some at once: what a federation does while its keys change. */
export class SteadyLoad {
  readonly #lender: () => Lender;
  readonly #agreed: Agreed;
  readonly #terms: Terms;
  #running: Promise<void>[] = [];
  #stopped = false;
  /** Inquiries that ended in a complete report. */
  answered: AnsweredInquiry[] = [];
  /** The others: an error's code, or the rows of a report that lacks an answer. */
  failures: string[] = [];

  /** `lender` is asked anew for each inquiry, as its keys may have changed. */
  constructor({ lender, agreed, terms }: { lender: () => Lender; agreed: Agreed; terms: Terms }) {
    this.#lender = lender;
    this.#agreed = agreed;
    this.#terms = terms;
  }

  start(atOnce: number): void {
    this.#stopped = false;
    this.#running = Array.from({ length: atOnce }, () => this.#ask());
  }

  /** Resolves when this many more have ended, one way or the other. */
  async more(inquiries: number): Promise<void> {
    const until = this.#ended() + inquiries;
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (this.#ended() < until) {
      if (performance.now() > giveUpAt) throw new Error('the load stands still');
      await wait(PAUSE_MS);
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#running);
  }

  #ended(): number {
    return this.answered.length + this.failures.length;
  }

  async #ask(): Promise<void> {
    while (!this.#stopped) {
      try {
        const answer = await inquireUnder(this.#lender(), this.#agreed, this.#terms);
        const missing = answer.report.claims.manifest.filter(({ outcome }) => !ANSWERS.has(outcome));
        if (missing.length === 0) this.answered.push(answer);
        else
          this.failures.push(
            missing.map(({ bureau, outcome, code }) => `${bureau} ${outcome} ${code}`).join(),
          );
      } catch (error) {
        this.failures.push(told(error));
      }
      await wait(PAUSE_MS);
    }
  }
}

/** An error and what caused it, in one line. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${told(error.cause)}`;
}
