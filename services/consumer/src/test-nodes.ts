import { systemRandom, type Clock } from '@causeway/kernel';
import {
  CausewayError,
  digestOf,
  sign,
  verify,
  type Digest,
  type Erasure,
  type KeyLookup,
  type SignedAct,
  type SigningKey,
  type Status,
} from '@causeway/protocol';
import { PeerFailure, type FederationClient } from '@causeway/service';

/** What a node does with the next status: it takes it, or does not answer, or something of the test's. */
type Behaviour = 'acks' | 'away' | ((status: string) => Promise<string>);

interface Node {
  behaviour: Behaviour;
  treeSize: number;
  /** By once key. */
  readonly received: Map<string, { digest: Digest; ack: string }>;
  /** In the order of arrival, repeats too. */
  readonly arrived: string[];
  /** The erasures that it has taken. */
  readonly erased: Erasure[];
  /** Until when it must keep what it holds, of whomever; ms since the epoch. */
  keepsUntilMs: number;
}

/**
 * The other nodes of the federation, as far as the consumer service meets them: they judge a status as a real
 * receiver does, and really sign their acks.
 */
export class TestNodes {
  readonly #nodes = new Map<string, Node>();
  /** What stands of a subject as a whole, by node and reference: it outlives `reset`. */
  readonly #standing = new Map<string, { digest: Digest; sequence: number; restricts: boolean }>();
  readonly #clock: Clock;
  readonly #keys: KeyLookup;
  readonly #keyOf: (member: string) => SigningKey;
  readonly warrants = new Map<Digest, SignedAct>();

  constructor(clock: Clock, keys: KeyLookup, keyOf: (member: string) => SigningKey) {
    this.#clock = clock;
    this.#keys = keys;
    this.#keyOf = keyOf;
  }

  node(member: string): Node {
    const known = this.#nodes.get(member) ?? {
      ...{ behaviour: 'acks' as const, treeSize: 10, received: new Map(), arrived: [], erased: [] },
      keepsUntilMs: 0,
    };
    this.#nodes.set(member, known);
    return known;
  }

  /** All nodes as before the first test, but for what they know of subjects. */
  reset(): void {
    this.#nodes.clear();
  }

  /** The statuses that a node has taken, each once. */
  taken(member: string): Status[] {
    return [...new Set(this.node(member).arrived)].flatMap((jws) => {
      const { claims, digest } = this.#verify(member, jws, 'archived');
      return this.node(member).received.get(onceKey(claims))?.digest === digest ? claims : [];
    });
  }

  readonly call: FederationClient['call'] = async ({ body, member, path }) => {
    if (path === '/v1/erasures')
      return { ack: this.#erase(member, String(Reflect.get(Object(body), 'erasure'))) } as never;
    if (path !== '/v1/status') throw new PeerFailure('unreachable');
    const { behaviour } = this.node(member);
    const status = String(Reflect.get(Object(body), 'status'));
    if (behaviour === 'away') throw new PeerFailure('unreachable');
    const ack = behaviour === 'acks' ? this.take(member, status) : await behaviour(status);
    return { ack } as never;
  };

  /** As a node that was put back to a time before it was told anything. */
  forget(member: string): void {
    this.node(member).received.clear();
    for (const name of this.#standing.keys()) if (name.startsWith(`${member} `)) this.#standing.delete(name);
  }

  /**
   * Takes an erasure as a node does, unless it is away.
   * @throws CausewayError not_restricted, retention_not_over, and as `verify`
   */
  #erase(member: string, erasure: string): string {
    const { behaviour, erased, keepsUntilMs, treeSize } = this.node(member);
    if (behaviour === 'away') throw new PeerFailure('unreachable');
    const context = { keys: this.#keys, fed: 'test', nowMs: this.#clock.now(), audience: member };
    const taken = verify('erasure', erasure, {
      ...context,
      received: 'forwarded',
      issuer: 'consumer',
    });
    const { restriction, subject_refs: refs } = taken.claims;
    const standing = refs.map((ref) => this.#standing.get(`${member} ${ref}`));
    if (standing.some((status) => status?.restricts !== true || status.digest !== restriction))
      throw new CausewayError('not_restricted');
    if (this.#clock.now() < keepsUntilMs) throw new CausewayError('retention_not_over');
    if (!erased.some(({ jti }) => jti === taken.claims.jti)) erased.push(taken.claims);
    return this.ack(member, { status: taken.digest, tree_size: treeSize });
  }

  /** Takes a status as a node does. @throws CausewayError time_window, once_conflict, and as `verify` */
  take(member: string, status: string): string {
    const node = this.node(member);
    node.arrived.push(status);
    const { claims } = this.#verify(member, status, 'archived');
    const digest = digestOf(status);
    const known = node.received.get(onceKey(claims));
    if (known && known.digest !== digest) throw new CausewayError('once_conflict');
    if (known) return known.ack;
    this.#verify(member, status, 'first');
    node.treeSize += 1;
    const ack = this.ack(member, { status: digest, tree_size: node.treeSize });
    node.received.set(onceKey(claims), { digest, ack });
    if (claims.consent === undefined) this.#stands(member, claims, digest);
    return ack;
  }

  #stands(member: string, { restricts, sequence, subject_refs }: Status, digest: Digest): void {
    for (const ref of subject_refs) {
      const name = `${member} ${ref}`;
      if ((this.#standing.get(name)?.sequence ?? 0) < sequence)
        this.#standing.set(name, { digest, sequence, restricts: restricts === true });
    }
  }

  ack(member: string, claims: { status: Digest; tree_size: number; aud?: string }): string {
    const exp = Math.floor(this.#clock.now() / 1000) + 86_400;
    const by = { key: this.#keyOf(member), fed: 'test', clock: this.#clock, random: systemRandom };
    return sign('ack', { aud: 'consumer', exp, ...claims }, by).jws;
  }

  #verify(member: string, status: string, received: 'first' | 'archived') {
    const context = { keys: this.#keys, fed: 'test', nowMs: this.#clock.now(), audience: member };
    return verify('status', status, { ...context, received, issuer: 'consumer' });
  }
}

const onceKey = ({ iss, sequence, subject_refs }: Status): string => `${iss}/${subject_refs[0]}/${sequence}`;
