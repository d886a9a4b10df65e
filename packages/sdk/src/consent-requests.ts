import { type Clock, type Random, uuidv7 } from '@causeway/kernel';
import {
  CausewayError,
  type ClaimsOf,
  type Digest,
  type KeyLookup,
  type Verified,
  verify,
} from '@causeway/protocol';
import type { Directory } from './directory.ts';
import { json, send } from './http.ts';
import { isNarrowed, type RequestParts } from './narrowed-consent.ts';
import type { TokenClient } from './tokens.ts';

/** What every request says. Bureaus are always named; there is no "all". */
interface CommonTerms {
  subjectRef: string;
  categories: string[];
  bureaus: string[];
  validDays: number;
  /** What the subject may leave out; the rest is required. */
  optional?: { categories?: string[]; bureaus?: string[] };
  language: 'zh-CN' | 'en';
}

/** What the lender asks to give to the bureaus named, about one contract. */
export interface ProvisionTerms extends CommonTerms {
  /** As the subject knows it. */
  contract: string;
}

/** What the lender asks the subject to agree to. */
export interface ConsentTerms extends CommonTerms {
  purposes: string[];
  fetch: 'once' | 'periodic';
  maxUses: number;
  /** Of a periodic consent: at most so many uses in a calendar day or month. */
  frequency?: { uses: number; per: 'day' | 'month' };
  /** How long the lender may keep what it receives, as an ISO 8601 duration. */
  recipientRetention: string;
  /** What is offered; the subject is shown it as this lender's own word. */
  product?: DeclaredProduct;
}

/** Decimal strings: an amount of a currency (ISO 4217), a yearly rate in per cent. */
interface DeclaredProduct {
  name: string;
  amount?: string;
  currency?: string;
  apr?: string;
}

/** A consent request: what was asked, and of whom. */
export interface ConsentAsked {
  id: string;
  /** Digest of the form that the subject is shown. */
  formDigest: Digest;
  subjectRef: string;
  /** What was asked for, and what of it the subject may leave out. */
  parts: RequestParts;
  /** A request to query, unless this says otherwise. */
  kind?: 'provide';
}

export interface ConsentView {
  status: 'pending' | 'approved' | 'rejected' | 'expired';
  consent?: Verified<ClaimsOf<'consent'>>;
  /** What the subject warns of, in their own words, as the consumer service tells it; unsigned. */
  alerts?: { kind: string; text: string; until: string }[];
}

export interface MemberWire {
  tokens: Pick<TokenClient, 'headers'>;
  directory: Pick<Directory, 'sole' | 'publicUrl'>;
  clock: Clock;
  random: Random;
}

/** What is needed to verify a statement that this lender received. */
export interface LenderVerifyContext {
  keys: KeyLookup;
  fed: string;
  nowMs: number;
  lender: string;
}

/** A lender's side of consent at the consumer service. */
export class ConsentRequests {
  readonly #wire: MemberWire;

  constructor(wire: MemberWire) {
    this.#wire = wire;
  }

  async request(terms: ConsentTerms): Promise<ConsentAsked> {
    return await this.#ask('/v1/consent-requests', terms, {
      kind: 'query',
      purposes: terms.purposes,
      fetch: terms.fetch,
      max_uses: terms.maxUses,
      recipient_retention: terms.recipientRetention,
      ...(terms.frequency === undefined ? {} : { frequency: terms.frequency }),
      ...(terms.product === undefined ? {} : { product: terms.product }),
    });
  }

  /** Asks a subject to let this lender give bureaus data about a contract; read it as any other. */
  async requestProvision(terms: ProvisionTerms): Promise<ConsentAsked> {
    const asked = await this.#ask('/v1/provision-requests', terms, { contract: terms.contract });
    return { ...asked, kind: 'provide' };
  }

  async #ask(path: string, terms: CommonTerms, more: object): Promise<ConsentAsked> {
    const { clock, random } = this.#wire;
    const { url, headers } = await this.#call('POST', path);
    const { bureaus, categories, language, optional, subjectRef } = terms;
    const answer = await send({
      method: 'POST',
      url,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'idempotency-key': uuidv7(clock, random),
      },
      body: JSON.stringify({
        ...{ subject_ref: subjectRef, categories, bureaus, valid_days: terms.validDays, language },
        ...(optional === undefined ? {} : { optional }),
        ...more,
      }),
    });
    const body = json(answer);
    return {
      id: String(body['id']),
      formDigest: String(body['form_digest']) as Digest,
      subjectRef,
      parts: { bureaus, categories, ...(optional === undefined ? {} : { optional }) },
    };
  }

  /**
   * The state of a request; an approved one with its consent, verified to be this lender's, of this subject,
   * on this form, or on the one that is left where the subject has left optional parts out.
   *
   * @throws CausewayError `link_mismatch` where the consent is another one
   */
  async read(asked: ConsentAsked, context: Promise<LenderVerifyContext>): Promise<ConsentView> {
    const { url, headers } = await this.#call('GET', `/v1/consent-requests/${encodeURIComponent(asked.id)}`);
    const body = json(await send({ method: 'GET', url, headers }));
    const status = body['status'] as ConsentView['status'];
    if (status !== 'approved') return { status };
    const { keys, fed, nowMs, lender } = await context;
    const consent = verify('consent', String(body['consent']), {
      keys,
      fed,
      nowMs,
      audience: lender,
      received: 'forwarded',
    });
    const { grantee, kind, subject_ref, form_digest } = consent.claims;
    const isOnForm = form_digest === asked.formDigest || isNarrowed(consent.claims, asked.parts);
    const isOfKind = kind === (asked.kind ?? 'query');
    if (grantee !== lender || subject_ref !== asked.subjectRef || !isOfKind || !isOnForm) {
      throw new CausewayError('link_mismatch', { detail: 'the consent is not the one that was asked for' });
    }
    return { status, consent, alerts: body['alerts'] as NonNullable<ConsentView['alerts']> };
  }

  async #call(method: string, path: string): Promise<{ url: string; headers: Record<string, string> }> {
    const consumer = await this.#wire.directory.sole('consumer');
    const url = `${await this.#wire.directory.publicUrl(consumer.id)}${path}`;
    return { url, headers: await this.#wire.tokens.headers(consumer.id, 'consent.request', method, url) };
  }
}
