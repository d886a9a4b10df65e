import { kidOf, sha256Digest } from '@causeway/protocol';
import type { Federation } from '@causeway/sandbox/federation';
import { sandboxSubject } from '@causeway/sandbox/people/persons';
import { agree, type Agreed, inquireUnder, usualTerms } from '@causeway/sandbox/story/consented-inquiry';
import { revocationNonce } from '@causeway/sdk';
import { request } from './answers.ts';
import { redeemAsBroker } from './federation-call.ts';
import { goodInquiry, type RawStatement, signRaw } from './raw-statement.ts';

const LENDER = 'abc-bank';
const terms = usualTerms(['central', 'lotus', 'harbour'], 100);

/** Statements of every type, real ones and ones that a test composes with the members' own keys. */
export class StatementMaker {
  readonly #federation: Federation;
  readonly #agreed: Agreed;

  private constructor(federation: Federation, agreed: Agreed) {
    this.#federation = federation;
    this.#agreed = agreed;
  }

  static async open(federation: Federation): Promise<StatementMaker> {
    const subject = sandboxSubject('li-na');
    return new StatementMaker(federation, await agree(federation, federation.lender(LENDER), subject, terms));
  }

  /** The consent that the inquiries cite, by its id at the consumer service. */
  get consentId(): string {
    return this.#agreed.id;
  }

  /** An inquiry that would be accepted, before a test spoils it. */
  inquiry(claims: Record<string, unknown> = {}): RawStatement {
    const { subjectRef, digest: consent } = this.#agreed;
    const { statement: key } = this.#federation.keys(LENDER);
    return goodInquiry({ member: LENDER, key, subjectRef, consent, claims });
  }

  signedInquiry(claims?: Record<string, unknown>): string {
    return signRaw(this.inquiry(claims), this.#federation.keys(LENDER).statement);
  }

  /** What every statement carries. */
  common(iss: string, aud: string): Record<string, unknown> {
    const { v, fed, jti, iat, exp, salt } = this.inquiry().claims;
    return { v, fed, iss, aud, jti, iat, exp, salt };
  }

  /** Signs claims under the name of a type, by any member, after `spoil` has had its way with them. */
  sign(
    type: string,
    member: string,
    claims: Record<string, unknown>,
    spoil: (statement: RawStatement) => RawStatement = (statement) => statement,
  ): string {
    const key = this.#federation.keys(member).statement;
    const kid = kidOf(member, { kty: key.kty, crv: key.crv, x: key.x });
    const header = { typ: `causeway-${type}+jws`, alg: 'Ed25519', kid };
    return signRaw(spoil({ header, claims }), key);
  }

  /** One statement of every type, each good in its own place. */
  async oneOfEach(): Promise<Record<string, string>> {
    const federation = this.#federation;
    const { report, disclosures } = await inquireUnder(federation.lender(LENDER), this.#agreed, terms);
    const inquiry = this.signedInquiry();
    const { grant, result } = await redeemAsBroker(federation, inquiry);
    const unknown = this.signedInquiry({ consent: sha256Digest('no consent') });
    const refused = await redeemAsBroker(federation, unknown);
    const status = await this.#revokedStatus();
    const head = await request(`${federation.url('authority')}/directory`);
    const acked = { ...this.common('broker', 'consumer'), status: sha256Digest('status'), tree_size: 7 };
    return {
      inquiry,
      grant: grant('central'),
      disclosure: disclosures[0]?.jws ?? '',
      report: report.jws,
      consent: String(Reflect.get(result, 'consent')),
      refusal: String(refused.result.refusal),
      status,
      ack: this.sign('ack', 'broker', acked),
      directory: String(head.body['head']),
    };
  }

  /** The status that a revocation sends, as its receipt shows it. */
  async #revokedStatus(): Promise<string> {
    const federation = this.#federation;
    const other = sandboxSubject('wang-thin');
    const { id } = await agree(federation, federation.lender('evergreen'), other, terms);
    const url = `${federation.url('consumer')}/v1/consents/${id}/revocation`;
    const body = JSON.stringify({ id_token: await federation.idToken(other, revocationNonce(id)) });
    const headers = { 'content-type': 'application/json' };
    return String((await request(url, { method: 'POST', headers, body })).body['receipt']);
  }
}
