import { verify, type Disclosure, type Verified } from '@causeway/protocol';

import type { Broker } from './broker.ts';
import { bureausWithDisclosures } from './fan-out/disclosures.ts';
import { bureauRows } from './fan-out/repository.ts';
import { runInquiry } from './fan-out/run-inquiry.ts';
import { findInquiry, openInquiry } from './inquiries/open-inquiry.ts';
import type { World } from './test-world.ts';

/** Runs inquiries of a world, and says what its tables hold about them. */
export function runsIn(world: () => World) {
  const db = () => world().broker.db;
  const open = async (key: string) => {
    const row = await findInquiry(db(), key);
    if (row === undefined) throw new Error('no inquiry');
    return await openInquiry(world().broker, row);
  };
  const context = () => ({
    keys: world().members.view.keys,
    ...{ fed: 'test', nowMs: world().clock.now(), audience: 'abc-bank', received: 'forwarded' as const },
  });
  const reports = async (key: string) => {
    const inquiry = await open(key);
    const all = db().selectFrom('inquiry_report').selectAll().where('inquiry', '=', key);
    const rows = await all.orderBy('version').execute();
    return rows.map(({ report, version }) =>
      verify('report', inquiry.seal.open(`report/${version}`, report), { ...context(), issuer: 'broker' }),
    );
  };
  return {
    open,
    reports,
    run: async (key: string, at: Broker = world().broker) => await runInquiry(at, key),
    states: async (key: string) =>
      Object.fromEntries((await bureauRows(db(), key)).map((row) => [row.bureau, row.state])),
    stateOf: async (key: string) => (await findInquiry(db(), key))?.state,
    theReport: async (key: string) => {
      const [report, ...more] = await reports(key);
      if (report === undefined || more.length > 0) throw new Error('not exactly one report');
      return report.claims;
    },
    /** Outbox rows of the inquiry. */
    pending: async (key: string): Promise<number> => {
      const rows = db().selectFrom('inquiry_outbox').where('inquiry', '=', key).select('inquiry');
      return (await rows.execute()).length;
    },
    leaves: async (key: string): Promise<string[]> => {
      const { rows } = await world().database.pool.query<{ typ: string }>(
        'SELECT typ FROM leaf_staging WHERE partition_key = $1 ORDER BY id',
        [key],
      );
      return rows.map((row) => row.typ);
    },
    disclosures: async (key: string): Promise<Verified<Disclosure>[]> => {
      const stored = await bureausWithDisclosures(db(), await open(key));
      return stored.flatMap(({ jws }) => (jws === undefined ? [] : verify('disclosure', jws, context())));
    },
  };
}

/** Every peer as before the first test. */
export function resetPeers(world: World): void {
  world.peers.bureaus.clear();
  world.peers.consumer = 'grant';
  world.peers.grantChange = {};
  world.peers.calls.length = 0;
  world.queued.length = 0;
  for (const member of ['abc-bank', 'central']) world.members.set(member, {});
}
