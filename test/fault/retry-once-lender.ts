import type { SignedInquiry } from '@causeway/sdk';
import { sendStatement } from '../e2e/answers.ts';

/**
 * A lender in front of two processes of one broker: what the one does not take, or answers with a fault, is
 * sent to the other, once.
 */
export class RetryOnceLender {
  readonly #urls: readonly [string, string];
  #turn = 0;
  /** Requests that needed the second try, and those that it did not cure. */
  retried = 0;
  readonly uncured: string[] = [];

  constructor(urls: readonly [string, string]) {
    this.#urls = urls;
  }

  /** Sends to each process in turn. */
  async send({ id, jws }: Pick<SignedInquiry, 'id' | 'jws'>): Promise<void> {
    this.#turn += 1;
    const [first, other] = this.#turn % 2 === 0 ? this.#urls : [this.#urls[1], this.#urls[0]];
    if ((await outcome(first, jws)) === 'accepted') return;
    this.retried += 1;
    const second = await outcome(other, jws);
    if (second !== 'accepted') this.uncured.push(`${id}: ${second}`);
  }
}

async function outcome(url: string, jws: string): Promise<string> {
  try {
    const { status, code } = await sendStatement(url, jws);
    return status === 202 ? 'accepted' : `${status} ${code}`;
  } catch (error) {
    return String(error);
  }
}
