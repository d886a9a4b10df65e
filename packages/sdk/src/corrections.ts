import { uuidv7 } from '@causeway/kernel';
import { type Correction, type Digest, type Verified, verify } from '@causeway/protocol';
import type { LenderVerifyContext, MemberWire } from './consent-requests.ts';
import { json, send } from './http.ts';

/** What a lender decided against a subject on a report of its own. */
export interface AdverseDecision {
  readonly subject_ref: string;
  readonly inquiry: Digest;
  readonly report: Digest;
  readonly decision: 'declined' | 'less_than_asked' | 'worse_terms' | 'ended';
  /** Codes of at most four factors, the weightiest first. */
  readonly factors: readonly string[];
}

/** What a lender was given and was wrong, and what it tells subjects of its decisions. */
export class Corrections {
  readonly #wire: MemberWire;

  constructor(wire: MemberWire) {
    this.#wire = wire;
  }

  /** Corrections addressed to this lender, verified, the oldest first; behind `after`, the last one's id. */
  async list(context: Promise<LenderVerifyContext>, after?: string): Promise<Verified<Correction>[]> {
    const url = `${await this.#base()}/v1/corrections${after === undefined ? '' : `?after=${after}`}`;
    const headers = await this.#headers('corrections.read', 'GET', url);
    const { items } = json(await send({ method: 'GET', url, headers }));
    const { keys, fed, nowMs, lender } = await context;
    return (items as { correction: string }[]).map(({ correction }) =>
      verify('correction', correction, { keys, fed, nowMs, audience: lender, received: 'forwarded' }),
    );
  }

  /** Tells the subject; once for each report. */
  async reportDecision(decision: AdverseDecision): Promise<string> {
    const { clock, random } = this.#wire;
    const url = `${await this.#base()}/v1/adverse-actions`;
    const headers = {
      ...(await this.#headers('adverse-actions.report', 'POST', url)),
      ...{ 'content-type': 'application/json', 'idempotency-key': uuidv7(clock, random) },
    };
    return String(json(await send({ method: 'POST', url, headers, body: JSON.stringify(decision) }))['id']);
  }

  async #base(): Promise<string> {
    const { directory } = this.#wire;
    return await directory.publicUrl((await directory.sole('consumer')).id);
  }

  async #headers(
    scope: 'corrections.read' | 'adverse-actions.report',
    method: string,
    url: string,
  ): Promise<Record<string, string>> {
    const consumer = await this.#wire.directory.sole('consumer');
    return await this.#wire.tokens.headers(consumer.id, scope, method, url);
  }
}
