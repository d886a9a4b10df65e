import { type Clock, type Random, seconds } from '@causeway/kernel';
import {
  type ClaimsOf,
  type Correction,
  type Digest,
  type PrivateJwk,
  type SigningKey,
  type Verified,
  chooseKey,
  sign,
  signingKeyFromJwk,
} from '@causeway/protocol';
import type { Category, Identifier, Purpose } from '@causeway/records';
import { type AssistanceTerms, AssistedConsents, type SignedAssistance } from './assisted-consents.ts';
import {
  type ConsentAsked,
  ConsentRequests,
  type ConsentTerms,
  type ConsentView,
  type ProvisionTerms,
} from './consent-requests.ts';
import { type AdverseDecision, Corrections } from './corrections.ts';
import { Directory } from './directory.ts';
import { evidenceWaitMs, withProofs } from './evidence-proofs.ts';
import { checkFetchedEvidence } from './evidence.ts';
import { Refused } from './http.ts';
import { type Delivery, Inquiries, type InquiryView } from './inquiries.ts';
import { type DeliveredReport, checkDelivery, checkRefusal } from './reports.ts';
import { deriveSubjectRefs } from './subject-refs.ts';
import { TokenClient } from './tokens.ts';

/** What a member lender holds: its two keys, and the anchor of the federation it trusts. */
export interface LenderOptions {
  member: string;
  fed: string;
  authorityUrl: string;
  anchor: Digest;
  /** Several while one replaces another: the directory decides which of them signs. */
  statementKey: PrivateJwk | readonly PrivateJwk[];
  authKey: PrivateJwk;
  clock: Clock;
  random: Random;
}

/**
 * What a question rests on: the digest of the consent statement that the lender was given, or, for purposes
 * that need no consent, the digest of what they cite, such as the lender's own earlier consented inquiry.
 */
export type Ground = { consent: Digest } | { cited: Digest };

/** One question about one subject. */
export type Question = Ground & {
  subjectRef: string;
  purpose: Purpose;
  categories: Category[];
  /** The lender's own opaque id of the person who asks; never a name. */
  operator: string;
  /** How long answers may take, from now. */
  deadlineSeconds?: number;
};

/** A signed inquiry, ready to be sent, and sent again: the same bytes are the same inquiry. */
export interface SignedInquiry {
  /** The inquiry's id at the broker, which is its statement's. */
  id: string;
  jws: string;
  digest: Digest;
}

/** A verified report with the inquiry that it answers. */
export type AnsweredInquiry = DeliveredReport & SignedInquiry;

const DEADLINE_S_DEFAULT = 30;
const EXPIRES_AFTER_DEADLINE_S = 60;

/**
 * A lender's client. It signs what it asks and verifies all it receives: signatures under the directory, the
 * chain of digests, and the merge itself, which it recomputes from the bureaus' own disclosures.
 */
export class Lender {
  readonly member: string;
  readonly directory: Directory;
  readonly #options: LenderOptions;
  readonly #keys: readonly SigningKey[];
  readonly #tokens: TokenClient;
  readonly #consents: ConsentRequests;
  readonly #assisted: AssistedConsents;
  readonly #inquiries: Inquiries;
  readonly #corrections: Corrections;

  constructor(options: LenderOptions) {
    this.member = options.member;
    this.#options = options;
    this.#keys = [options.statementKey].flat().map((jwk) => signingKeyFromJwk(options.member, jwk));
    this.#tokens = new TokenClient(options);
    this.directory = new Directory(options);
    const wire = {
      tokens: this.#tokens,
      directory: this.directory,
      clock: options.clock,
      random: options.random,
    };
    this.#consents = new ConsentRequests(wire);
    this.#assisted = new AssistedConsents(wire, this.#consents);
    this.#inquiries = new Inquiries(wire);
    this.#corrections = new Corrections(wire);
  }

  /**
   * Subject references of identifiers that the lender knows its applicants by, in the current epoch or the
   * one that is asked for.
   */
  async subjectRefs(ids: readonly Identifier[], epoch?: string): Promise<string[]> {
    const authority = (await this.directory.sole('authority')).id;
    const { authorityUrl, random } = this.#options;
    const view = await this.directory.view();
    return deriveSubjectRefs({ tokens: this.#tokens, authorityUrl, authority, view, random }, ids, epoch);
  }

  /** Asks a subject for consent. The answer is the same whether the subject is enrolled or not. */
  requestConsent(terms: ConsentTerms): Promise<ConsentAsked> {
    return this.#consents.request(terms);
  }

  /** Asks a subject to let this lender give bureaus data about a contract. Read as a consent is. */
  requestProvision(terms: ProvisionTerms): Promise<ConsentAsked> {
    return this.#consents.requestProvision(terms);
  }

  /** The state of a consent request, with the signed consent (verified) once the subject has approved. */
  consent(asked: ConsentAsked): Promise<ConsentView> {
    return this.#consents.read(asked, this.#verifyContext());
  }

  /** Says, signed, that somebody agrees to a request with the help of two officers of this lender. */
  async signAssistance(asked: ConsentAsked, terms: AssistanceTerms): Promise<SignedAssistance> {
    const key = await this.#signingKey('assistance');
    return await this.#assisted.sign(asked, terms, { key, fed: this.#options.fed });
  }

  /** Has the person sent a code, where policy lets officers help; returns until when it is good. */
  beginAssistance(assistance: SignedAssistance): Promise<{ expiresAt: string }> {
    return this.#assisted.begin(assistance);
  }

  /** Brings the code that the person has read out, and returns the consent, verified; see `valid_from`. */
  bringCode(assistance: SignedAssistance, code: string): Promise<Verified<ClaimsOf<'consent'>>> {
    return this.#assisted.bring(assistance, code, async () => await this.#verifyContext());
  }

  /** Of the items that this lender was given, those that were wrong: each verified, the oldest first. */
  corrections(after?: string): Promise<Verified<Correction>[]> {
    return this.#corrections.list(this.#verifyContext(), after);
  }

  /** Tells a subject what was decided against them, on which report and for which factors. */
  reportDecision(decision: AdverseDecision): Promise<string> {
    return this.#corrections.reportDecision(decision);
  }

  async sign(question: Question): Promise<SignedInquiry> {
    const { fed, clock, random } = this.#options;
    const broker = (await this.directory.sole('broker')).id;
    const deadline = seconds(clock) + (question.deadlineSeconds ?? DEADLINE_S_DEFAULT);
    const { jws, digest, claims } = sign(
      'inquiry',
      {
        aud: broker,
        exp: deadline + EXPIRES_AFTER_DEADLINE_S,
        subject_ref: question.subjectRef,
        ...groundOf(question),
        purpose: question.purpose,
        categories: question.categories,
        profile: 'report',
        operator: question.operator,
        deadline,
        delivery: 'merged',
      },
      { key: await this.#signingKey('inquiry'), fed, clock, random },
    );
    return { id: claims.jti, jws, digest };
  }

  /** One that the directory lets sign no more is still tried: the answer says what is wrong with it. */
  async #signingKey(type: 'inquiry' | 'assistance'): Promise<SigningKey> {
    const { keys } = await this.directory.view();
    const [first] = this.#keys;
    const key = chooseKey(this.#keys, type, keys, seconds(this.#options.clock)) ?? first;
    if (!key) throw new RangeError('a lender has a statement key');
    return key;
  }

  /** Sends a signed inquiry; accepted means durable. Sending the same bytes again has no second effect. */
  submit(inquiry: SignedInquiry): Promise<InquiryView> {
    return this.#inquiries.submit(inquiry.jws);
  }

  status(id: string): Promise<InquiryView> {
    return this.#inquiries.status(id);
  }

  /**
   * Asks and waits for the verified report; with `onChange` the state is polled and told as it changes.
   *
   * @throws Refused with the stable code and the signed refusal where the inquiry was refused
   */
  async inquire(question: Question, onChange?: (view: InquiryView) => void): Promise<AnsweredInquiry> {
    const inquiry = await this.sign(question);
    if (!onChange) return this.#checked(() => this.#inquiries.ask(inquiry.jws), inquiry);
    await this.submit(inquiry);
    await this.#inquiries.settled(inquiry.id, onChange);
    return this.report(inquiry);
  }

  /**
   * Fetches a finished report, the newest version where none is named, and verifies it down to each
   * disclosure.
   */
  async report(inquiry: SignedInquiry, version?: number): Promise<AnsweredInquiry> {
    return this.#checked(() => this.#inquiries.report(inquiry.id, version), inquiry);
  }

  /**
   * The evidence bundle of an inquiry, as text, verified: it can be kept, and `verifyEvidence` checks it
   * offline. Its proofs are fetched from the ledgers of those who signed; witnesses need a second or two.
   *
   * @param withinMs how long to wait for proofs. What has none then is without, and `verifyEvidence` says so
   * @throws CausewayError naming the first check that failed
   */
  async evidence(id: string, { withinMs = evidenceWaitMs } = {}): Promise<string> {
    const { anchor, clock } = this.#options;
    const text = await this.#inquiries.evidence(id);
    checkFetchedEvidence(text, anchor, { id, lender: this.member });
    return await withProofs(text, { view: await this.directory.view(), anchor, clock, withinMs });
  }

  async #checked(fetch: () => Promise<Delivery>, inquiry: SignedInquiry): Promise<AnsweredInquiry> {
    try {
      const delivery = await fetch();
      return { ...checkDelivery(delivery, inquiry.jws, await this.#verifyContext()), ...inquiry };
    } catch (error) {
      if (error instanceof Refused) checkRefusal(error, inquiry.digest, await this.#verifyContext());
      throw error;
    }
  }

  async #verifyContext() {
    const { keys } = await this.directory.view();
    const { fed, clock } = this.#options;
    return { keys, fed, nowMs: clock.now(), lender: this.member };
  }
}

const groundOf = (question: Question) =>
  'consent' in question
    ? { consent: question.consent }
    : { basis: { code: question.purpose, cited: question.cited } };
