import { systemClock, systemRandom } from '@causeway/kernel';
import type { Federation } from '@causeway/sandbox/federation';
import { SANDBOX_FED } from '@causeway/sandbox/plan';
import { TokenClient } from '@causeway/sdk';
import { Pool } from 'undici';
import { LENDER, type Scene } from './scene.ts';

/** One question, signed beforehand: the lender's signatures are not what is measured. */
interface Question {
  readonly jws: string;
  readonly headers: Record<string, string>;
}

/** A report as the broker sends it: signed statements, the disclosures in it with their bodies. */
export interface Answer {
  readonly report: string;
  readonly disclosures: readonly string[];
}

const PATH = '/v1/inquiries';
const BUREAUS_ANSWERED = 3;

/** Asks through the exchange: signed, consent-gated, logged; the report comes in the same HTTP exchange. */
export class Ours {
  readonly #federation: Federation;
  readonly #scene: Scene;
  readonly #pool: Pool;
  readonly #tokens: TokenClient;
  readonly #answered: (answer: Answer) => void;
  #questions: Question[] = [];

  /** `answered` is told of each answer when it has come. */
  constructor(
    federation: Federation,
    scene: Scene,
    inFlight: number,
    answered: (answer: Answer) => void = () => undefined,
  ) {
    this.#answered = answered;
    this.#federation = federation;
    this.#scene = scene;
    this.#pool = new Pool(federation.url('broker'), { connections: inFlight, pipelining: 1 });
    this.#tokens = new TokenClient({
      ...{ member: LENDER, fed: SANDBOX_FED, authorityUrl: federation.url('authority') },
      ...{ authKey: federation.keys(LENDER).auth, clock: systemClock, random: systemRandom },
    });
  }

  /** Signs `count` questions about the subjects of these ranks. They must be asked within a minute. */
  async prepare(count: number, rank: () => number): Promise<void> {
    const lender = this.#federation.lender(LENDER);
    const url = `${this.#federation.url('broker')}${PATH}`;
    const { agreed, terms } = this.#scene;
    this.#questions = [];
    for (let n = 0; n < count; n += 1) {
      const consent = agreed[rank()];
      if (consent === undefined) throw new RangeError('no such rank');
      const { jws } = await lender.sign({
        ...{ subjectRef: consent.subjectRef, consent: consent.digest, purpose: terms.purpose },
        ...{ categories: terms.categories, operator: 'op-1', deadlineSeconds: 60 },
      });
      const token = await this.#tokens.headers('broker', 'inquiry.read', 'POST', url);
      this.#questions.push({
        jws,
        headers: { ...token, 'content-type': 'application/jose', prefer: 'wait=30' },
      });
    }
  }

  /** Asks the n-th question. @throws Error where it does not end in a complete report */
  readonly ask = async (n: number): Promise<void> => {
    const question = this.#questions[n];
    if (question === undefined) throw new RangeError('too few questions were signed');
    const { headers, jws } = question;
    const answer = await this.#pool.request({ method: 'POST', path: PATH, headers, body: jws });
    const body = (await answer.body.json()) as Partial<Answer>;
    if (answer.statusCode !== 200 || body.disclosures?.length !== BUREAUS_ANSWERED) {
      throw new Error(`an inquiry ended with ${answer.statusCode}: ${JSON.stringify(body).slice(0, 300)}`);
    }
    this.#answered(body as Answer);
  };

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
