import { seconds, systemRandom, type Clock } from '@causeway/kernel';
import {
  CausewayError,
  digestOf,
  readUnverified,
  sha256Digest,
  sign,
  type ErrorCode,
  type Grant,
  type Inquiry,
  type PasskeyProof,
  type UnsignedClaims,
} from '@causeway/protocol';
import type { CreditRecord } from '@causeway/records';
import type { FederationCall } from '@causeway/service/federation-client';

import { fed, type TestMembers } from './test-members.ts';

export const subject = `s1.1.${sha256Digest('subject').slice('sha-256:'.length)}`;
const asOf = '2026-11-01';

/** How a bureau of the tests answers: in order, and with the last one from then on. */
export type BureauAct =
  | {
      readonly say: 'answer';
      readonly change?: Partial<UnsignedClaims<'disclosure'>>;
      readonly signer?: string;
    }
  | { readonly say: 'refuse'; readonly code: ErrorCode }
  | { readonly say: 'fail'; readonly code: ErrorCode }
  /** Tells `asked`, and answers when `until` has resolved. */
  | { readonly say: 'hold'; readonly asked: () => void; readonly until: Promise<void> };

export function account(bureau: string): CreditRecord {
  return {
    record: 'account',
    record_id: `${bureau}-1`,
    category: 'ACCOUNT_SUMMARY',
    source_record_id: `${bureau}-native-1`,
    as_of: asOf,
    account_ref: `${bureau}-a1`,
    type: 'term',
    currency: 'CNY',
    status: 'normal',
    original: '1000000',
    balance: bureau === 'central' ? '900000' : '500000',
  };
}

/**
 * The consumer service and the bureaus, as the broker sees them through its federation client; all really
 * sign.
 */
export class TestPeers {
  readonly #members: TestMembers;
  readonly #clock: Clock;
  readonly #stored = new Map<string, string>();
  readonly #uses = new Map<string, number>();
  readonly bureaus = new Map<string, BureauAct[]>();
  /** What the consumer service does instead of granting. */
  consumer: 'grant' | 'away' | ErrorCode = 'grant';
  /** Changes every grant before it is signed. */
  grantChange: Partial<UnsignedClaims<'grant'>> = {};
  scope: readonly string[] = ['central', 'lotus'];
  /** What the consumer service hands out beside its grants, and what bureaus were shown of it. */
  passkey: PasskeyProof | undefined = undefined;
  readonly shown: PasskeyProof[] = [];
  readonly consent: { jws: string; digest: ReturnType<typeof digestOf> };
  readonly refusals: { refusal: string; inquiry: string }[] = [];
  readonly calls: { member: string; path: string; nodes?: readonly string[] }[] = [];

  constructor(members: TestMembers, clock: Clock) {
    this.#members = members;
    this.#clock = clock;
    const now = seconds(clock);
    this.consent = sign(
      'consent',
      {
        aud: ['abc-bank', 'central', 'lotus'],
        exp: now + 86_400,
        subject_ref: subject,
        kind: 'query',
        grantee: 'abc-bank',
        grantor: { role: 'self' },
        purposes: ['LOAN_APPROVAL'],
        categories: ['ACCOUNT_SUMMARY'],
        bureaus: ['central', 'lotus'],
        valid_from: now - 60,
        valid_until: now + 86_400,
        fetch: 'periodic',
        max_uses: 1000,
        recipient_retention: 'P1Y',
        form_digest: sha256Digest('form'),
        language: 'en',
        strength: 'idp',
        evidence_digest: sha256Digest('evidence'),
      },
      this.#as('consumer'),
    );
  }

  /** Stands in for the federation client. */
  readonly call = async (request: FederationCall<never>): Promise<never> => {
    return (await this.#answer(request.member, request.path, request.body)) as never;
  };

  async #answer(member: string, path: string, body: unknown): Promise<unknown> {
    const { items, refusals } = body as Bodies;
    if (path === '/v1/refusals') {
      this.calls.push({ member, path });
      this.#reach();
      this.refusals.push(...(refusals ?? []));
      return { results: [{ recorded: true }] };
    }
    const answers = (items ?? []).map(async (item) => {
      this.calls.push({ member, path, ...(item.nodes === undefined ? {} : { nodes: item.nodes }) });
      return path === '/v1/grants' ? this.#redeem(item) : await this.#disclose(member, item);
    });
    return { results: await Promise.all(answers) };
  }

  #reach(): void {
    if (this.consumer === 'away') throw new CausewayError('unavailable');
  }

  #redeem({ inquiry, nodes }: Item): unknown {
    this.#reach();
    const asked = readUnverified(inquiry).claims as Inquiry;
    const digest = digestOf(inquiry);
    if (this.consumer !== 'grant' && this.consumer !== 'away') {
      return { refusal: this.#refuse('consumer', asked.iss, digest, this.consumer), code: this.consumer };
    }
    const use = this.#uses.get(digest) ?? this.#uses.size + 1;
    this.#uses.set(digest, use);
    const grants = (nodes ?? [...this.scope, 'broker']).map((aud) => this.grant(aud, asked, digest, use));
    return {
      ...{ use, grants },
      ...(asked.consent === undefined ? {} : { consent: this.consent.jws }),
      ...(this.passkey === undefined ? {} : { passkey: this.passkey }),
    };
  }

  grant(aud: string, asked: Inquiry, inquiry: Grant['inquiry'], use: number): string {
    const iat = seconds(this.#clock);
    const { strength, version } = { strength: 'idp' as const, version: this.#members.view.version };
    const claims: UnsignedClaims<'grant'> = {
      aud,
      iat,
      exp: iat + 15,
      presenter: 'broker',
      subject_ref: asked.subject_ref,
      inquiry,
      ...(asked.consent === undefined ? {} : { consent: asked.consent }),
      ...(asked.basis === undefined ? {} : { basis: asked.basis.code }),
      use,
      categories: asked.categories,
      obligations: [],
      strength,
      policy_version: 'cn-2026.1',
      directory_version: version,
      ...this.grantChange,
    };
    return sign('grant', claims, this.#as('consumer')).jws;
  }

  async #disclose(bureau: string, { grant, inquiry, passkey }: Item): Promise<unknown> {
    if (passkey !== undefined) this.shown.push(passkey);
    const asked = readUnverified(inquiry).claims as Inquiry;
    const digest = digestOf(inquiry);
    const acts = this.bureaus.get(bureau) ?? [];
    const act = (acts.length > 1 ? acts.shift() : acts[0]) ?? { say: 'answer' };
    if (act.say === 'fail') throw new CausewayError(act.code);
    if (act.say === 'refuse')
      return { refusal: this.#refuse(bureau, asked.iss, digest, act.code), code: act.code };
    if (act.say === 'hold') {
      act.asked();
      await act.until;
    }
    const key = `${bureau} ${digest}`;
    const change = act.say === 'answer' ? (act.change ?? {}) : {};
    const signer = act.say === 'answer' ? (act.signer ?? bureau) : bureau;
    const stored = this.#stored.get(key) ?? this.#sign(signer, bureau, asked, grant ?? '', change);
    if (Object.keys(change).length === 0 && signer === bureau) this.#stored.set(key, stored);
    return { disclosure: stored };
  }

  #sign(
    signer: string,
    bureau: string,
    asked: Inquiry,
    grant: string,
    change: Partial<UnsignedClaims<'disclosure'>>,
  ): string {
    const granted = readUnverified(grant).claims as Grant;
    const claims: UnsignedClaims<'disclosure'> = {
      aud: asked.iss,
      exp: asked.deadline + 3600,
      subject_ref: asked.subject_ref,
      inquiry: granted.inquiry,
      grant: digestOf(grant),
      use: granted.use,
      outcome: 'answered',
      as_of: asOf,
      records: [account(bureau)],
      ...change,
    };
    return sign('disclosure', claims, this.#as(signer)).jws;
  }

  #refuse(by: string, aud: string, inquiry: Grant['inquiry'], code: ErrorCode): string {
    const exp = seconds(this.#clock) + 3600;
    const claims = { aud, exp, inquiry, code, policy_version: 'cn-2026.1', rules: ['test'] };
    return sign('refusal', claims, this.#as(by)).jws;
  }

  #as(member: string) {
    return { key: this.#members.key(member), fed, clock: this.#clock, random: systemRandom };
  }
}

interface Item {
  readonly inquiry: string;
  readonly grant?: string;
  readonly nodes?: readonly string[];
  readonly passkey?: PasskeyProof;
}

interface Bodies {
  readonly items?: readonly Item[];
  readonly refusals?: readonly { refusal: string; inquiry: string }[];
}
