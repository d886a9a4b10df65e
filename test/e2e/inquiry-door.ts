import type { PrivateJwk } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { type Agreed, agree, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import type { InquiryView } from '@causeway/sdk';
import { vi } from 'vitest';
import { type Answer, sendStatement } from './answers.ts';
import { goodInquiry, type RawStatement, signRaw } from './raw-statement.ts';
import { NOBODY, refusedWriting } from './untouched.ts';

const LENDER = 'abc-bank';

/** The broker's door, with a lender in front of it who holds a consent and signs whatever it likes. */
export class InquiryDoor {
  readonly key: PrivateJwk;
  readonly #federation: Federation;
  readonly #agreed: Agreed;
  readonly #lender: ReturnType<Federation['lender']>;

  private constructor(federation: Federation, agreed: Agreed) {
    this.#federation = federation;
    this.#agreed = agreed;
    this.#lender = federation.lender(LENDER);
    this.key = federation.keys(LENDER).statement;
  }

  static async open(federation: Federation, person = 'li-na'): Promise<InquiryDoor> {
    const terms = usualTerms(federation.card.bureaus, 500);
    const agreed = await agree(federation, federation.lender(LENDER), sandboxSubject(person), terms);
    return new InquiryDoor(federation, agreed);
  }

  /** An inquiry that would be accepted, before a test spoils it. */
  inquiry(claims: Record<string, unknown> = {}): RawStatement {
    const { subjectRef, digest: consent } = this.#agreed;
    return goodInquiry({ member: LENDER, key: this.key, subjectRef, consent, claims });
  }

  sign(statement: RawStatement): string {
    return signRaw(statement, this.key);
  }

  /** Sends it to the broker, or to another process of the broker at this base URL. */
  send(jws: string, base = this.#federation.url('broker')): Promise<Answer> {
    return sendStatement(base, jws);
  }

  /** The same lender with the same consent, in front of a federation that was started again. */
  at(federation: Federation): InquiryDoor {
    return new InquiryDoor(federation, this.#agreed);
  }

  /** Sends each statement, shows that nobody wrote anything, and tells how each was refused. */
  refusals(statements: Record<string, string>): Promise<Record<string, string>> {
    return refusedWriting(this.#federation, NOBODY, async () => {
      const told: Record<string, string> = {};
      for (const [name, jws] of Object.entries(statements)) {
        const { status, code, pointers } = await this.send(jws);
        told[name] = [status, code, ...pointers].join(' ');
      }
      return told;
    });
  }

  /** Sends what must be accepted and waits until it is finished, so that later row counts stand still. */
  async accepted(jws: string): Promise<InquiryView> {
    const { status, body, code } = await this.send(jws);
    if (status !== 202) throw new Error(`an inquiry in order was refused: ${status} ${code}`);
    return this.finished(String(body['id']));
  }

  async finished(id: string): Promise<InquiryView> {
    let view = await this.#lender.status(id);
    const ended = async (): Promise<boolean> => {
      view = await this.#lender.status(id);
      return !['accepted', 'running'].includes(view.state);
    };
    await vi.waitUntil(ended, { timeout: 30_000, interval: 50 });
    return view;
  }
}
