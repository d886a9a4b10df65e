import { CausewayError, type Lender, type SignedInquiry, json, send } from '@causeway/sdk';
import type { Agreed, Terms } from '@causeway/sandbox/story/consented-inquiry';
import type { Federation } from '@causeway/sandbox/federation';
import { PATIENCE_MS, pause, persist } from './persist.ts';

/** An accepted inquiry, the bodies of its two 202s as they came, and how often it was sent for them. */
export interface Accepted {
  inquiry: SignedInquiry;
  answers: string[];
  sent: number;
}

/** A finished inquiry, as the lender holds it: all of it verified. */
export interface Ended {
  state: string;
  version: number;
  outcomes: string[];
  /** Digests of the report and of the disclosures that came with it. */
  report: string;
  disclosures: { bureau: string; digest: string }[];
}

const LOOK_MS = 100;

/**
 * A lender that loses no answer: on every passing fault it sends the very same statement again, and it reads
 * until the inquiry is finished and its report verified.
 */
export class StubbornLender {
  /** Attempts that a fault ended: no connection, a broken one, or a 5xx answer. */
  faults = 0;
  readonly #lender: Lender;
  readonly #url: string;

  constructor(federation: Federation, member: string) {
    this.#lender = federation.lender(member);
    this.#url = `${federation.url('broker')}/v1/inquiries`;
  }

  /**
   * Signs, and sends twice at once, until both copies have an answer. What never came in and grew too old
   * meanwhile is signed anew.
   */
  async accepted(agreed: Agreed, terms: Terms, deadlineSeconds: number): Promise<Accepted> {
    for (;;) {
      const inquiry = await this.#persist(() =>
        this.#lender.sign(questionOf(agreed, terms, deadlineSeconds)),
      );
      let sent = 0;
      try {
        const copy = (): Promise<string> =>
          this.#persist(() => {
            sent += 1;
            return this.#send(inquiry);
          });
        return { inquiry, answers: await Promise.all([copy(), copy()]), sent };
      } catch (error) {
        if (!(error instanceof CausewayError) || error.code !== 'time_window') throw error;
      }
    }
  }

  /** The body of the 202, which is the recorded answer where the statement came in before. */
  resend(inquiry: SignedInquiry): Promise<string> {
    return this.#persist(() => this.#send(inquiry));
  }

  /** Waits for the end of an accepted inquiry, looking again every `lookMs`, and verifies its report. */
  async report({ inquiry }: Accepted, lookMs = LOOK_MS): Promise<Ended> {
    const until = performance.now() + PATIENCE_MS;
    let state = 'accepted';
    while (state === 'accepted' || state === 'running') {
      if (performance.now() > until) throw new Error(`inquiry ${inquiry.id} is lost: it stays ${state}`);
      await pause(lookMs);
      ({ state } = await this.#persist(() => this.#lender.status(inquiry.id)));
    }
    const { disclosures, report } = await this.#persist(() => this.#lender.report(inquiry));
    return {
      state,
      version: report.claims.version,
      outcomes: report.claims.manifest.map(({ outcome }) => outcome),
      report: report.digest,
      disclosures: disclosures.map(({ claims, digest }) => ({ bureau: claims.iss, digest })),
    };
  }

  async #send({ jws: body }: SignedInquiry): Promise<string> {
    const headers = { 'content-type': 'application/jose' };
    return (await send({ method: 'POST', url: this.#url, headers, body })).text;
  }

  #persist<T>(act: () => Promise<T>): Promise<T> {
    return persist(act, { onFault: () => (this.faults += 1) });
  }
}

/** The digest that a 202 names. */
export const digestIn = (answer: string): unknown =>
  json({ status: 202, headers: new Headers(), text: answer })['digest'];

function questionOf(agreed: Agreed, { purpose, categories }: Terms, deadlineSeconds: number) {
  const { subjectRef, digest: consent } = agreed;
  return { subjectRef, consent, purpose, categories, operator: 'op-9', deadlineSeconds };
}
