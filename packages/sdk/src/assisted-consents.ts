import { seconds } from '@causeway/kernel';
import {
  CausewayError,
  type ClaimsOf,
  type Digest,
  type SigningKey,
  type Verified,
  sign,
} from '@causeway/protocol';
import type { ConsentAsked, ConsentRequests, LenderVerifyContext, MemberWire } from './consent-requests.ts';
import { json, send } from './http.ts';

/** How a person who does not sign in themselves has agreed, and which two officers of the lender helped. */
export interface AssistanceTerms {
  channel: 'branch' | 'paper' | 'call';
  /** As the lender names them. */
  officers: readonly [string, string];
  /** SHA-256 of the scanned paper: there for paper, and only then. */
  scan?: Digest;
}

/** A signed assistance, ready to be sent, and sent again within a minute: the same bytes begin the same. */
export interface SignedAssistance {
  /** Its id at the consumer service, which is its statement's. */
  id: string;
  jws: string;
  digest: Digest;
  /** The request that it is about. */
  asked: ConsentAsked;
}

/** How long the consumer service may take it, in seconds: as long as the code that it sends is good. */
const LIFE_S = 900;

/**
 * A lender's side of consents that people give with the help of its officers, where policy has that on. The
 * code goes to the person over channels that they have confirmed before; the lender learns neither whether
 * there are any nor who stands behind a reference.
 */
export class AssistedConsents {
  readonly #wire: MemberWire;
  readonly #requests: ConsentRequests;

  constructor(wire: MemberWire, requests: ConsentRequests) {
    this.#wire = wire;
    this.#requests = requests;
  }

  /** Says, signed, that somebody agrees to a request. Throws `statement_malformed` naming what is wrong. */
  async sign(
    asked: ConsentAsked,
    { channel, officers, scan }: AssistanceTerms,
    by: { readonly key: SigningKey; readonly fed: string },
  ): Promise<SignedAssistance> {
    const { clock, directory, random } = this.#wire;
    const { claims, digest, jws } = sign(
      'assistance',
      {
        ...{ aud: (await directory.sole('consumer')).id, exp: seconds(clock) + LIFE_S },
        ...{ request: asked.id, form_digest: asked.formDigest, channel, officers: [...officers] },
        ...(scan === undefined ? {} : { scan }),
      },
      { ...by, clock, random },
    );
    return { id: claims.jti, jws, digest, asked };
  }

  /**
   * Has the code sent. Sending the same bytes again sends no second one. Returns until when the code is good.
   *
   * @throws CausewayError `assistance_off`, `purpose_not_permitted` where the purpose takes no such consent,
   *   `conflict` where the request is not open, `rate_limited` after three for one request
   */
  async begin({ jws }: SignedAssistance): Promise<{ expiresAt: string }> {
    const answer = await this.#post('/v1/assisted-consents', { assistance: jws });
    return { expiresAt: String(answer['expires_at']) };
  }

  /**
   * Brings the code that the person has read out. The consent is good from its `valid_from` on: before, the
   * person may object. The same code again brings the same consent.
   *
   * @throws CausewayError `bad_request` for a wrong code, `conflict` after five of them or once its time is
   *   over, `link_mismatch` where the consent that comes is not the one that this assistance is about
   */
  async bring(
    assistance: SignedAssistance,
    code: string,
    context: () => Promise<LenderVerifyContext>,
  ): Promise<Verified<ClaimsOf<'consent'>>> {
    const answer = await this.#post(`/v1/assisted-consents/${encodeURIComponent(assistance.id)}/code`, {
      code,
    });
    const { consent } = await this.#requests.read(assistance.asked, context());
    const { evidence_digest, jti, strength } = consent?.claims ?? {};
    const isOfThis = strength === 'assisted' && evidence_digest === assistance.digest;
    if (consent === undefined || jti !== answer['id'] || !isOfThis) {
      throw new CausewayError('link_mismatch', { detail: 'the consent is not of this assistance' });
    }
    return consent;
  }

  async #post(path: string, body: object): Promise<Record<string, unknown>> {
    const { directory, tokens } = this.#wire;
    const consumer = (await directory.sole('consumer')).id;
    const url = `${await directory.publicUrl(consumer)}${path}`;
    const headers = {
      ...(await tokens.headers(consumer, 'consent.request', 'POST', url)),
      'content-type': 'application/json',
    };
    return json(await send({ method: 'POST', url, headers, body: JSON.stringify(body) }));
  }
}
