import type { Opening, Openings } from '@causeway/member/openings';
import type { DirectoryView } from '@causeway/protocol/directory';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import { fixedTls, newAuthority, thumbprint, uri } from '@causeway/service/certificates.fixture';
import { federationApp } from '@causeway/service/federation-app';
import { type FederationClient, createFederationClient } from '@causeway/service/federation-client';
import { listen } from '@causeway/service/run-service';
import { quietLog, systemRandom } from '@causeway/service/shell.fixture';
import { systemClock } from '@causeway/kernel/system';
import type { Recorded } from './pairing.fixture.ts';

/** Members behind real sockets, whose ledgers a test writes and whose answers it may spoil. */
export interface TestLedgers {
  readonly view: Pick<DirectoryView, 'member' | 'membersWith'>;
  /** The authority's client. */
  readonly client: FederationClient;
  /** Adds a leaf at its member; returns its index. */
  record(leaf: Recorded): number;
  ledger(member: string): Opening[];
  /** What the member answers instead, until it is called again without. */
  spoil(member: string, how?: (page: Openings) => unknown): void;
  suspend(member: string): void;
  /** Every `from` that the member was asked for. */
  asked(member: string): number[];
  /** Everything as at the start: empty ledgers of active members. */
  reset(): void;
  close(): Promise<void>;
}

const fed = 'test-fed';
const roles: Record<string, MemberEntry['roles']> = {
  consumer: ['consumer'],
  broker: ['broker'],
  central: ['bureau'],
};

type Spoil = Parameters<TestLedgers['spoil']>[1];

/** Starts a consumer service, a broker and a bureau that serve nothing but openings. */
export async function startLedgers(): Promise<TestLedgers> {
  const ca = newAuthority();
  const own = ca.issue({ uris: [uri('authority', fed)] });
  const entries = new Map<string, MemberEntry>([['authority', entryOf('authority', ['authority'], own, 0)]]);
  const view = {
    member: (id: string) => entries.get(id),
    membersWith: (role: MemberEntry['roles'][number]) =>
      [...entries.values()].filter((entry) => entry.roles.includes(role)),
  };
  const ledgers = new Map<string, Opening[]>();
  const spoiled = new Map<string, Spoil>();
  const asked = new Map<string, number[]>();
  const apps = await Promise.all(
    Object.keys(roles).map(async (member) => {
      const tls = ca.issue({ uris: [uri(member, fed)] });
      const members = () => view;
      const app = federationApp({
        ...{ log: quietLog, clock: systemClock, random: systemRandom, tls: fixedTls(tls), fed, members },
      });
      app.get('/v1/leaves', async (request, reply) => {
        const query = new URLSearchParams(request.raw.url?.split('?')[1]);
        const [from, limit] = [Number(query.get('from')), Number(query.get('limit'))];
        asked.set(member, [...(asked.get(member) ?? []), from]);
        const all = ledgers.get(member) ?? [];
        const page = { size: all.length, lag_ms: 0, leaves: all.slice(from, from + limit) };
        return reply.send((await spoiled.get(member)?.(page)) ?? page);
      });
      const port = await listen(app, '127.0.0.1', 0);
      entries.set(member, entryOf(member, roles[member] ?? [], tls, port));
      return app;
    }),
  );
  const tls = fixedTls(own);
  const client = createFederationClient({ fed, tls, members: () => view, clock: systemClock });
  return {
    view,
    client,
    record: ({ member, ...leaf }) => {
      const ledger = ledgers.get(member) ?? [];
      ledgers.set(member, ledger);
      const opened = { ...leaf, idx: ledger.length, at_ms: systemClock.now(), outcome: null } as Opening;
      return ledger.push(opened) - 1;
    },
    ledger: (member) => ledgers.get(member) ?? [],
    spoil: (member, how) => void spoiled.set(member, how),
    suspend: (member) => {
      const entry = entries.get(member);
      if (entry !== undefined) entries.set(member, { ...entry, status: 'suspended' });
    },
    asked: (member) => asked.get(member) ?? [],
    reset: () => {
      for (const kept of [ledgers, spoiled, asked]) kept.clear();
      for (const [id, entry] of entries) entries.set(id, { ...entry, status: 'active' });
    },
    close: async () => {
      await client.close();
      await Promise.all(apps.map(async (app) => await app.close()));
    },
  };
}

function entryOf(
  id: string,
  of: MemberEntry['roles'],
  tls: Parameters<typeof thumbprint>[0],
  port: number,
): MemberEntry {
  return {
    ...{ v: 1, id, legal_name: id, roles: of, class: 'A', jurisdiction: 'CN', status: 'active', keys: [] },
    ...{ endpoints: { federation: `https://localhost:${port}` }, certificates: [thumbprint(tls)] },
  };
}
