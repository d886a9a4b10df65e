import { seconds } from '@causeway/kernel';
import {
  CausewayError,
  digestOf,
  readUnverified,
  sha256Digest,
  sign,
  type Disclosure,
  type ErrorCode,
  type Inquiry,
} from '@causeway/protocol';
import { PeerFailure, type FederationClient } from '@causeway/service';
import type { Consumer } from '../consumer.ts';
import type { World } from '../test-world.ts';

/** What a broker does with own inquiries, as far as the consumer service meets it. */
export class TestBroker {
  readonly #world: World;
  /** Inquiries that it was handed, repeats too. */
  readonly taken: string[] = [];
  behaviour: 'answers' | 'away' | 'runs' | 'forges' | { readonly refuses: ErrorCode } = 'answers';

  constructor(world: World) {
    this.#world = world;
  }

  /** The consumer service with this broker at the other end. */
  get consumer(): Consumer {
    return { ...this.#world.consumer, federation: { call: this.#call } };
  }

  readonly #call: FederationClient['call'] = async ({ body, path }) => {
    if (this.behaviour === 'away') throw new PeerFailure('unreachable');
    if (path === '/v1/inquiries') {
      if (typeof this.behaviour === 'object') throw new CausewayError(this.behaviour.refuses);
      this.taken.push(String(Reflect.get(Object(body), 'inquiry')));
      return { state: 'accepted' } as never;
    }
    if (this.behaviour === 'runs') return running as never;
    const inquiry =
      this.taken.find((jws) => path.includes((readUnverified(jws).claims as Inquiry).jti)) ?? '';
    if (path.endsWith('/report')) return this.#report(inquiry) as never;
    return { ...running, state: 'complete', report_version: 1 } as never;
  };

  /** Nobody knows the person; a broker that forges says that one does. */
  #report(inquiry: string) {
    const { categories: _all, subject_ref } = readUnverified(inquiry).claims as Inquiry;
    const exp = seconds(this.#world.clock) + 3600;
    const common = { aud: 'consumer', exp, subject_ref, inquiry: digestOf(inquiry), use: 1 };
    const outcome: Disclosure['outcome'] = 'not_found';
    const disclosures = bureaus.map((bureau) =>
      sign(
        'disclosure',
        { ...common, grant: sha256Digest('grant'), outcome, as_of: '2026-11-01', records: [] },
        this.#world.by(bureau),
      ),
    );
    const manifest = disclosures.map(({ claims, digest }) => ({
      ...{ bureau: claims.iss, outcome: claims.outcome, records: 0, as_of: '2026-11-01', disclosure: digest },
    }));
    const none = { accounts: [], obligations: [], profiles: [], inquiries: [], same_debts: [] };
    const exposure = { groups: [], lower_bound: this.behaviour === 'forges' };
    const report = sign(
      'report',
      { ...common, version: 1, manifest, merged: none, exposure, conflicts: [], policy_version: 'cn-2026.4' },
      this.#world.by('broker'),
    );
    return { report: report.jws, disclosures: disclosures.map(({ jws }) => jws) };
  }
}

const bureaus = ['central', 'harbour', 'lotus'];
const running = {
  state: 'running',
  bureaus: [{ bureau: 'central', state: 'asking', attempts: 1 }],
};
