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
import type { TokenClient } from './tokens.ts';

/** What the lender asks the subject to agree to. Bureaus are always named; there is no "all". */
export interface ConsentTerms {
  subjectRef: string;
  purposes: string[];
  categories: string[];
  bureaus: string[];
  validDays: number;
  fetch: 'once' | 'periodic';
  maxUses: number;
  /** How long the lender may keep what it receives, as an ISO 8601 duration. */
  recipientRetention: string;
  language: 'zh-CN' | 'en';
}

export interface ConsentAsked {
  id: string;
  formDigest: Digest;
}

export interface ConsentView {
  status: 'pending' | 'approved' | 'rejected' | 'expired';
  consent?: Verified<ClaimsOf<'consent'>>;
}

export interface MemberWire {
  tokens: TokenClient;
  directory: Directory;
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
    const { clock, random } = this.#wire;
    const { url, headers } = await this.#call('POST', '/v1/consent-requests');
    const answer = await send({
      method: 'POST',
      url,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'idempotency-key': uuidv7(clock, random),
      },
      body: JSON.stringify({
        subject_ref: terms.subjectRef,
        kind: 'query',
        purposes: terms.purposes,
        categories: terms.categories,
        bureaus: terms.bureaus,
        valid_days: terms.validDays,
        fetch: terms.fetch,
        max_uses: terms.maxUses,
        recipient_retention: terms.recipientRetention,
        language: terms.language,
      }),
    });
    const body = json(answer);
    return { id: String(body['id']), formDigest: String(body['form_digest']) as Digest };
  }

  async read(request: string, context: Promise<LenderVerifyContext>): Promise<ConsentView> {
    const { url, headers } = await this.#call('GET', `/v1/consent-requests/${encodeURIComponent(request)}`);
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
    if (consent.claims.grantee !== lender) {
      throw new CausewayError('link_mismatch', { detail: 'the consent names another grantee' });
    }
    return { status, consent };
  }

  async #call(method: string, path: string): Promise<{ url: string; headers: Record<string, string> }> {
    const consumer = await this.#wire.directory.sole('consumer');
    const url = `${await this.#wire.directory.publicUrl(consumer.id)}${path}`;
    return { url, headers: await this.#wire.tokens.headers(consumer.id, 'consent.request', method, url) };
  }
}
