import { CausewayError, type ErrorCode, isErrorCode } from '@causeway/protocol';
import type { MemberWire } from './consent-requests.ts';
import { json, Refused, send } from './http.ts';

/** Where an inquiry stands, as the broker tells it; never what is in it. */
export interface InquiryView {
  id: string;
  state: 'accepted' | 'running' | 'complete' | 'partial' | 'refused' | 'failed';
  bureaus: { bureau: string; state: string; attempts: number }[];
  /** The newest version of the report, once there is one. */
  report_version?: number;
  code?: ErrorCode;
}

/** A report as it came, nothing verified yet. */
export interface Delivery {
  report: string;
  disclosures: string[];
}

const POLL_MS_FIRST = 25;
const POLL_MS_MAX = 500;
const POLL_LIMIT_MS = 180_000;
const WAIT_S = 20;

/**
 * A lender's side of inquiries at the broker. The statement authenticates what it asks; tokens are for reads.
 */
export class Inquiries {
  readonly #wire: MemberWire;

  constructor(wire: MemberWire) {
    this.#wire = wire;
  }

  async submit(jws: string): Promise<InquiryView> {
    const url = `${await this.#base()}/v1/inquiries`;
    const headers = { 'content-type': 'application/jose' };
    return viewOf(json(await send({ method: 'POST', url, headers, body: jws })));
  }

  /**
   * Sends an inquiry and waits for its report in the same exchange (RFC 7240 `Prefer: wait`), which takes a
   * token beside the statement. Where the broker answers before it is finished, the state is polled instead.
   */
  async ask(jws: string): Promise<Delivery> {
    const broker = await this.#wire.directory.sole('broker');
    const url = `${await this.#base()}/v1/inquiries`;
    const answer = await send({
      method: 'POST',
      url,
      body: jws,
      timeoutMs: (WAIT_S + 10) * 1000,
      headers: {
        'content-type': 'application/jose',
        prefer: `wait=${WAIT_S}`,
        ...(await this.#wire.tokens.headers(broker.id, 'inquiry.read', 'POST', url)),
      },
    });
    if (answer.status === 200) return deliveryOf(json(answer));
    const { id } = viewOf(json(answer));
    await this.settled(id);
    return this.report(id);
  }

  async status(id: string): Promise<InquiryView> {
    return viewOf(json(await this.#read(`/v1/inquiries/${encodeURIComponent(id)}`)));
  }

  /** Polls, with growing pauses, until the inquiry is finished one way or the other. */
  async settled(id: string, onChange?: (view: InquiryView) => void): Promise<InquiryView> {
    const { clock } = this.#wire;
    const giveUpAt = clock.monotonic() + POLL_LIMIT_MS;
    let last = '';
    for (let pause = POLL_MS_FIRST; clock.monotonic() < giveUpAt; pause = Math.min(pause * 2, POLL_MS_MAX)) {
      const view = await this.status(id);
      const shape = JSON.stringify(view);
      if (shape !== last) onChange?.(view);
      last = shape;
      if (view.state !== 'accepted' && view.state !== 'running') return view;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
    throw new CausewayError('unavailable', {
      detail: 'the inquiry did not finish in time; ask for its state again',
    });
  }

  /**
   * The newest version of the report, or the one asked for: late answers make further ones.
   *
   * @throws Refused with the refusal statement where the inquiry was refused
   */
  async report(id: string, version?: number): Promise<Delivery> {
    const query = version === undefined ? '' : `?version=${version}`;
    const answer = await this.#read(`/v1/inquiries/${encodeURIComponent(id)}/report${query}`);
    if (answer.status === 202) throw new Refused('unavailable', 'the report is not finished yet', undefined);
    return deliveryOf(json(answer));
  }

  async evidence(id: string): Promise<string> {
    return (await this.#read(`/v1/inquiries/${encodeURIComponent(id)}/evidence`)).text;
  }

  async #read(path: string) {
    const broker = await this.#wire.directory.sole('broker');
    const url = `${await this.#base()}${path}`;
    const headers = await this.#wire.tokens.headers(broker.id, 'inquiry.read', 'GET', url);
    return send({ method: 'GET', url, headers });
  }

  async #base(): Promise<string> {
    return this.#wire.directory.publicUrl((await this.#wire.directory.sole('broker')).id);
  }
}

function deliveryOf(body: Record<string, unknown>): Delivery {
  const { report, disclosures } = body;
  if (typeof report !== 'string' || !Array.isArray(disclosures)) {
    throw new CausewayError('unavailable', { detail: 'the answer is not a report' });
  }
  return { report, disclosures: disclosures.map(String) };
}

function viewOf(body: Record<string, unknown>): InquiryView {
  const bureaus = Array.isArray(body['bureaus']) ? (body['bureaus'] as InquiryView['bureaus']) : [];
  const { id, state, code, report_version: version } = body;
  return {
    id: String(id),
    state: state as InquiryView['state'],
    bureaus,
    ...(typeof version === 'number' ? { report_version: version } : {}),
    ...(typeof code === 'string' && isErrorCode(code) ? { code } : {}),
  };
}
