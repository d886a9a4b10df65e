import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, systemRandom, uuidv7 } from '@causeway/kernel';
import { CausewayError, type Digest, type DirectoryView } from '@causeway/protocol';
import { type MemberStaff, memberStaffSchema } from '@causeway/protocol/member-entry';
import { schemaCheck } from '@causeway/protocol/schema-check';
import {
  Directory,
  DisputeDesk,
  Lender,
  Publisher,
  SubjectClient,
  SubjectDisputes,
  TokenClient,
  sessionNonce,
} from '@causeway/sdk';
import { keptCeremony } from './ceremony.ts';
import { idTokenFor } from './identity-provider/id-token.ts';
import type { Identity } from './identity-provider/persons.ts';
import { type MemberKeys, memberKeys } from './member-keys.ts';
import { enact, type StaffChanged } from './officer-acts.ts';
import type { SandboxSubject } from './people/persons.ts';
import { IDENTITY_CLIENT, SANDBOX_FED } from './plan.ts';

/** What a local federation tells the commands that come after it: where it listens and whom it trusts. */
export interface FederationCard {
  anchor: Digest;
  /** Base URL by member id, and the identity provider's under `identity-provider`. */
  urls: Record<string, string>;
  bureaus: string[];
  lenders: string[];
}

const cardFile = (home: string): string => join(home, 'federation.json');

export function writeCard(home: string, card: FederationCard): void {
  writeFileSync(cardFile(home), `${JSON.stringify(card, undefined, 2)}\n`);
}

/** A key for one intended effect: sent again with it, a request has no second one. */
export const freshKey = (): string => uuidv7(systemClock, systemRandom);

const checkStaff = schemaCheck(memberStaffSchema, [], 'bad_request');

/** Clients of a local federation, made from its card and its members' key folders. */
export class Clients {
  readonly home: string;
  readonly card: FederationCard;

  constructor(home: string, card: FederationCard) {
    this.home = home;
    this.card = card;
  }

  /** @throws Error in one sentence where no federation has been started in this folder */
  static open(home: string): Clients {
    if (!existsSync(cardFile(home))) {
      const detail = `no federation in ${home}; start one with "causeway up" first`;
      throw new CausewayError('unavailable', { detail });
    }
    return new Clients(home, JSON.parse(readFileSync(cardFile(home), 'utf8')) as FederationCard);
  }

  /** The client of a member lender, with the keys that its admission registered. */
  lender(id: string): Lender {
    const { statements, auth } = this.keys(id);
    return new Lender({ ...this.#wire(id), statementKey: statements, authKey: auth });
  }

  /** A bureau operator's client. */
  publisher(bureau: string): Publisher {
    const tokens = new TokenClient({ ...this.#wire(bureau), authKey: this.keys(bureau).auth });
    return new Publisher({ tokens, bureau, bureauUrl: this.url(bureau) });
  }

  /** The desk at which a bureau handles disputes. */
  disputeDesk(bureau: string): DisputeDesk {
    const tokens = new TokenClient({ ...this.#wire(bureau), authKey: this.keys(bureau).auth });
    return new DisputeDesk({ tokens, bureau, bureauUrl: this.url(bureau) });
  }

  /** A sandbox subject's disputes, signed in anew. */
  async disputes(subject: Pick<SandboxSubject, 'identifier' | 'representative'>): Promise<SubjectDisputes> {
    const token = await this.idToken(subject, sessionNonce(freshKey()));
    return new SubjectDisputes(this.url('consumer'), await this.subject().openSession(token));
  }

  /** The directory, from the authority and under this folder's anchor; going on from one that was kept. */
  directory(held?: DirectoryView): Directory {
    return new Directory({ ...this.#wire('authority'), ...(held === undefined ? {} : { held }) });
  }

  subject(): SubjectClient {
    return new SubjectClient(this.url('consumer'));
  }

  /** Signs a sandbox subject in for one act; an enterprise acts through its legal representative. */
  idToken(subject: Pick<SandboxSubject, 'identifier' | 'representative'>, nonce: string): Promise<string> {
    const { identifier, representative } = subject;
    const who: { person: Identity; enterprise?: Identity } = representative
      ? { person: representative, enterprise: identifier }
      : { person: identifier };
    return idTokenFor({ issuer: this.url('identity-provider'), clientId: IDENTITY_CLIENT, nonce, ...who });
  }

  /**
   * Has both officers set by whom a member's staff sign in and as what, or that nobody does.
   * @throws CausewayError `bad_request` naming what no entry may say, before anybody signs; as the authority
   */
  async setStaff(member: string, staff: MemberStaff | undefined): Promise<StaffChanged> {
    if (staff !== undefined) checkStaff(staff);
    const act = { act: 'set_staff' as const, member, ...(staff === undefined ? {} : { staff }) };
    const changed = await enact(this.url('authority'), keptCeremony(this.home), act);
    return changed as unknown as StaffChanged;
  }

  keys(member: string): MemberKeys {
    return memberKeys(join(this.home, 'keys', member), member, false);
  }

  url(member: string): string {
    const url = this.card.urls[member];
    if (!url) throw new RangeError(`${member} has no listener in this federation`);
    return url;
  }

  #wire(member: string) {
    const authorityUrl = this.url('authority');
    const { anchor } = this.card;
    return { member, fed: SANDBOX_FED, authorityUrl, anchor, clock: systemClock, random: systemRandom };
  }
}
