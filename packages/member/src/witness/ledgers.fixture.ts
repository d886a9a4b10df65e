import { systemRandom } from '@causeway/kernel';
import {
  appendLeaves,
  consistencyProof,
  digestOf,
  formatCheckpoint,
  formatNote,
  frontierOf,
  leafHash,
  noteSigner,
  rootOf,
  signNote,
} from '@causeway/ledger';
import type { NoteSigner, ReadNode } from '@causeway/ledger';
import { entryOf } from '@causeway/protocol/federation.fixture';
import type { MemberEntry, Role } from '@causeway/protocol';
import { createLog, createMetrics, PeerFailure, publicApp } from '@causeway/service';
import type { App, FederationClient, FederationText } from '@causeway/service';
import type pg from 'pg';

import { ledgerOrigin } from '../ledger/ledger-name.ts';
import { witnessName } from './known-ledgers.ts';
import type { LedgerDirectory } from './known-ledgers.ts';
import type { OwnTree } from './own-tree.ts';
import { createWitness } from './witness.ts';
import { addCheckpointRoute, seenRoute } from './witness-routes.ts';

export const fed = 'test-fed';
export const log = createLog({ name: 't', level: 'silent' });
export const clock = {
  wallMs: 1_795_000_000_000,
  now: () => clock.wallMs,
  monotonic: () => performance.now(),
};

const roles: Readonly<Record<string, Role>> = {
  authority: 'authority',
  consumer: 'consumer',
  broker: 'broker',
  central: 'bureau',
  lotus: 'bureau',
};

const seedOf = (name: string): Uint8Array => {
  const seed = new Uint8Array(32);
  seed.set(Buffer.from(name));
  return seed;
};

export const ledgerSigner = (member: string): NoteSigner =>
  noteSigner(ledgerOrigin(fed, member), 'note', seedOf(`l/${member}`));
export const witnessSigner = (member: string): NoteSigner =>
  noteSigner(witnessName(fed, member), 'cosignature', seedOf(`w/${member}`));

const jwkOf = ({ key }: NoteSigner): NonNullable<MemberEntry['ledger_key']> => ({
  ...{ kty: 'OKP', crv: 'Ed25519' },
  x: Buffer.from(key.publicKey).toString('base64url'),
});

/** Five nodes, each with both keys and a listener, and one lender without. */
export function ledgerDirectory(change: Record<string, Partial<MemberEntry>> = {}): LedgerDirectory {
  const nodes = Object.entries(roles).map(([member, role]): MemberEntry => ({
    ...entryOf('lotus', { id: member, roles: [role], endpoints: { federation: 'https://localhost:1' } }),
    ...{ ledger_key: jwkOf(ledgerSigner(member)), witness_key: jwkOf(witnessSigner(member)) },
    ...change[member],
  }));
  const all = new Map([...nodes, entryOf('abc-bank')].map((entry) => [entry.id, entry]));
  return {
    fed,
    member: (id) => all.get(id),
    membersWith: (role) => [...all.values()].filter((entry) => entry.roles.includes(role)),
  };
}

/** A member's ledger in memory, signed with its key. `twin` tells two histories apart. */
export class TestLedger implements OwnTree {
  readonly member: string;
  readonly entries: Uint8Array[] = [];
  private readonly twin: string;
  private readonly nodes = new Map<string, Uint8Array>();
  private frontier = frontierOf(0, []);

  constructor(member: string, twin = '') {
    this.member = member;
    this.twin = twin;
  }

  grow(count: number): this {
    const from = this.entries.length;
    for (let at = from; at < from + count; at += 1) {
      const entry = new Uint8Array(32);
      entry.set(Buffer.from(`${at}`));
      entry.set(Buffer.from(this.twin), 16);
      this.entries.push(entry);
    }
    const { frontier, nodes } = appendLeaves(this.frontier, this.entries.slice(from).map(leafHash));
    for (const { level, index, hash } of nodes) this.nodes.set(`${level}/${index}`, hash);
    this.frontier = frontier;
    return this;
  }

  readonly read: ReadNode = (level, index) => this.nodes.get(`${level}/${index}`);

  digests(): string[] {
    return this.entries.map(digestOf);
  }

  get size(): number {
    return this.entries.length;
  }

  root(size = this.size): Uint8Array {
    return rootOf(appendLeaves(frontierOf(0, []), this.entries.slice(0, size).map(leafHash)).frontier);
  }

  /** The signed checkpoint of a size. */
  note(size = this.size): string {
    const origin = ledgerOrigin(fed, this.member);
    const text = formatCheckpoint({ origin, size, root: this.root(size), extensions: [] });
    return formatNote(signNote(text, [ledgerSigner(this.member)]));
  }

  proofOf(from: number, to = this.size): Uint8Array[] {
    return consistencyProof(from, to, this.read);
  }

  async newest() {
    if (this.size === 0) return undefined;
    return { size: this.size, root: this.root(), note: this.note(), at_ms: clock.wallMs };
  }

  async signedAfter(size: number) {
    return this.size > size ? clock.wallMs : undefined;
  }

  async rootAt(size: number) {
    return size <= this.size ? this.root(size) : undefined;
  }

  async proof(from: number, to: number) {
    return this.proofOf(from, to);
  }
}

/** A listener with the witness's routes; `peer` is the member that it takes the caller for, if any. */
export async function witnessApp(
  pool: pg.Pool,
  member: string,
  { peer, view = ledgerDirectory() }: { peer?: string; view?: LedgerDirectory } = {},
): Promise<App> {
  const base = { log, clock, random: systemRandom, name: 't', title: 't', metrics: createMetrics() };
  const app = await publicApp(base);
  if (peer !== undefined) app.decorateRequest('peer', peer);
  const witness = createWitness({ pool, signer: witnessSigner(member), latest: () => view, clock, log });
  addCheckpointRoute(app, witness);
  seenRoute(app, witness);
  return app;
}

/** Sends a body as a ledger does. */
export async function post(app: App, body: string): Promise<FederationText> {
  const headers = { 'content-type': 'text/plain' };
  const answer = await app.inject({ method: 'POST', url: '/witness/add-checkpoint', headers, body });
  return { status: answer.statusCode, type: String(answer.headers['content-type']), text: answer.body };
}

/** Calls to these nodes; all others do not answer. `asked` lists who was sent what. */
export function callsTo(
  apps: ReadonlyMap<string, App>,
): Pick<FederationClient, 'text'> & { asked: string[] } {
  const asked: string[] = [];
  const text: FederationClient['text'] = async ({ member, method, path, body }) => {
    asked.push(`${method} ${member}`);
    const app = apps.get(member);
    if (app === undefined) throw new PeerFailure('unreachable');
    if (method === 'POST') return await post(app, body ?? '');
    const answer = await app.inject({ method, url: path });
    return { status: answer.statusCode, type: String(answer.headers['content-type']), text: answer.body };
  };
  return { asked, text };
}
