import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { digestOf } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { enact } from '@causeway/sandbox/officer-acts';
import type { SandboxSubject } from '@causeway/sandbox/people/persons';
import type { Sequence } from '@causeway/sandbox/people/sequence';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import {
  freezeNonce,
  type Lender,
  revocationNonce,
  type SignedInquiry,
  type StopReceipt,
} from '@causeway/sdk';
import type { Race } from './late-releases.ts';
import { pause } from './persist.ts';
import type { Ask } from './snapshot.ts';

/** Beyond the way of an inquiry through the federation under load, so that a stop may meet it anywhere. */
const DELAY_MS_MAX = 400;
const INQUIRIES_MAX = 3;
const DEADLINE_S = 20;
const USES = 50;

interface Stopped {
  readonly receipt: Pick<StopReceipt, 'acknowledgements' | 'waiting'> & { receipt?: string };
  readonly ms: number;
}

/** Does what can fail, once or again and again. */
type Insist = <T>(act: () => Promise<T>) => Promise<T>;

/** Stops against inquiries: each race asks, waits for a moment, stops, and remembers what the nodes said. */
export class Races {
  readonly run: Race[] = [];
  readonly #federation: Federation;
  readonly #sequence: Sequence;
  readonly #insist: Insist;
  readonly #terms = usualTerms(['central', 'lotus', 'harbour'], USES);

  constructor(federation: Federation, sequence: Sequence, insist: Insist = (act) => act()) {
    this.#federation = federation;
    this.#sequence = sequence;
    this.#insist = insist;
  }

  /** A person revokes a consent of this minute while a lender asks under it; `when`, if not at any moment. */
  async revoke(lender: Lender, person: SandboxSubject, when?: () => Promise<void>): Promise<void> {
    const agreed = await this.#agreed(lender, person);
    const { inquiries, submitted } = await this.#ask(lender, [agreed], when ? 1 : undefined);
    await when?.();
    const revoke = async (): Promise<StopReceipt> => {
      // An id_token is good once, and nobody knows whether the call before used it.
      const token = await this.#federation.idToken(person, revocationNonce(agreed.id));
      return await this.#federation.subject().revoke(agreed.id, token);
    };
    const stopped = await timed(() => this.#insist(revoke));
    await submitted;
    this.#remember('revoke', inquiries, stopped);
  }

  /** A person freezes all access while lenders ask under their consents; it is never lifted. */
  async freeze(lenders: readonly Lender[], person: SandboxSubject): Promise<void> {
    const asked = await Promise.all(
      lenders.map(async (lender) => this.#ask(lender, [await this.#agreed(lender, person)])),
    );
    const nonce = freezeNonce(uuidv7(systemClock, systemRandom));
    const token = await this.#federation.idToken(person, nonce);
    const stopped = await timed(() => this.#federation.subject().freeze(token));
    await Promise.all(asked.map(({ submitted }) => submitted));
    this.#remember(
      'freeze',
      asked.flatMap(({ inquiries }) => inquiries),
      stopped,
    );
  }

  /** A lender is suspended while it asks, and reinstated when nobody works for it any more. */
  async suspend(lender: Lender, agreed: readonly Agreed[], ask: Ask): Promise<void> {
    const { ceremony } = this.#federation;
    const authority = this.#federation.url('authority');
    const { inquiries, submitted } = await this.#ask(lender, agreed);
    const act = { member: lender.member } as const;
    const stopped = await timed(() => enact(authority, ceremony, { act: 'suspend', ...act }));
    await submitted;
    await until(async () => (await unfinished(ask, lender.member)) === 0);
    const lifted = await sizes(ask, ['broker', 'consumer']);
    const receipt = stopped.receipt as Stopped['receipt'];
    this.#remember('suspend', inquiries, { ...stopped, receipt }, lifted);
    await enact(authority, ceremony, { act: 'reinstate', ...act });
    const [first] = agreed;
    if (first) await until(async () => await accepted(lender, await this.#sign(lender, first)));
  }

  /** A consent to race under. */
  async #agreed(lender: Lender, person: SandboxSubject): Promise<Agreed> {
    return await this.#insist(() => agree(this.#federation, lender, person, this.#terms));
  }

  /** Sends inquiries under these consents and returns at some moment after; what is refused is refused. */
  async #ask(
    lender: Lender,
    agreed: readonly Agreed[],
    each = agreed.length > 1 ? 1 : this.#sequence.between(1, INQUIRIES_MAX),
  ): Promise<{ inquiries: SignedInquiry[]; submitted: Promise<unknown> }> {
    const delayMs = this.#sequence.between(0, DELAY_MS_MAX);
    const questions = Array.from({ length: each }, () => agreed).flat();
    const sign = (question: Agreed) => this.#insist(() => this.#sign(lender, question));
    const inquiries = await Promise.all(questions.map(sign));
    const submitted = Promise.allSettled(inquiries.map((inquiry) => lender.submit(inquiry)));
    await pause(delayMs);
    return { inquiries, submitted };
  }

  async #sign(lender: Lender, { digest: consent, subjectRef }: Agreed): Promise<SignedInquiry> {
    const { categories, purpose } = this.#terms;
    const question = { subjectRef, consent, purpose, categories, operator: 'op-1' };
    return await lender.sign({ ...question, deadlineSeconds: DEADLINE_S });
  }

  #remember(
    what: Race['what'],
    inquiries: readonly SignedInquiry[],
    { ms, receipt }: Stopped,
    lifted?: Record<string, number>,
  ): void {
    this.run.push({
      what,
      inquiries: inquiries.map(({ digest }) => digest),
      ...(receipt.receipt === undefined ? {} : { status: digestOf(receipt.receipt) }),
      acks: receipt.acknowledgements.map(({ node, tree_size: treeSize }) => ({ node, treeSize })),
      waiting: receipt.waiting,
      ms,
      ...(lifted ? { until: lifted } : {}),
    });
  }
}

async function timed<T>(act: () => Promise<T>): Promise<{ receipt: T; ms: number }> {
  const startedAt = performance.now();
  const receipt = await act();
  return { receipt, ms: performance.now() - startedAt };
}

/** Nodes hear of what is given back at their next poll of the directory. */
const UNTIL_MS_MAX = 90_000;

async function until(holds: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + UNTIL_MS_MAX;
  while (!(await holds())) {
    if (performance.now() > endsAt) throw new Error('it did not come to rest in time');
    await pause(200);
  }
}

const accepted = (lender: Lender, inquiry: SignedInquiry): Promise<boolean> =>
  lender.submit(inquiry).then(
    () => true,
    () => false,
  );

async function unfinished(ask: Ask, lender: string): Promise<number> {
  const text = `SELECT count(*)::int AS n FROM inquiry WHERE lender = '${lender}' AND finished_ms IS NULL`;
  return (await ask<{ n: number }>('broker', text))[0]?.n ?? 0;
}

/** Of each tree, with what waits for its place. */
async function sizes(ask: Ask, nodes: readonly string[]): Promise<Record<string, number>> {
  const text = 'SELECT (size + (SELECT count(*) FROM leaf_staging))::int AS n FROM ledger_state';
  const read = nodes.map(async (node) => [node, (await ask<{ n: number }>(node, text))[0]?.n ?? 0] as const);
  return Object.fromEntries(await Promise.all(read));
}

/**
 * The races with the acks of those nodes that had not acknowledged when the call returned: they have done so
 * since, or do within a minute and a half.
 */
export async function withLaterAcks(run: readonly Race[], ask: Ask): Promise<Race[]> {
  type Row = { digest: string; node: string; tree_size: number | null };
  const text = `SELECT s.digest, d.node, d.tree_size::int FROM status_delivery d
                  JOIN stop s USING (subject_ref, sequence)`;
  let rows: Row[] = [];
  await until(async () => {
    rows = await ask<Row>('consumer', text);
    return rows.every(({ tree_size: size }) => size !== null);
  });
  return run.map((race) => {
    const late = rows.filter(({ digest, node }) => digest === race.status && race.waiting.includes(node));
    const acks = late.map(({ node, tree_size: treeSize }) => ({ node, treeSize: treeSize ?? 0 }));
    return { ...race, acks: [...race.acks, ...acks] };
  });
}
