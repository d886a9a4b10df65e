import type { Clock, Faults } from '@causeway/kernel';
import type { App, CommonConfig, FederationClient, Log, Metrics } from '@causeway/service';
import type pg from 'pg';

import type { DirectoryClient } from './directory-client.ts';
import { ledgerRoutes } from './ledger/ledger-routes.ts';
import type { LedgerStore } from './ledger/ledger-store.ts';
import { openNodeLedger } from './ledger/node-ledger.ts';
import { readNodes } from './ledger/tile-rows.ts';
import { startSequencer } from './sequencer.ts';
import type { Sequencer } from './sequencer.ts';
import type { QuorumLag } from './witness/quorum-watch.ts';
import { startWitnessing } from './witness/start-witnessing.ts';
import type { Witnessing } from './witness/start-witnessing.ts';
import { addCheckpointRoute, seenRoute } from './witness/witness-routes.ts';

/** A node's leaves, the tree over them, and its witnesses. */
export interface NodeTrees {
  readonly sequencer: Sequencer;
  readonly ledger: LedgerStore;
  readonly witnessing: Witnessing;
}

interface Options {
  readonly config: Pick<CommonConfig, 'fed' | 'member' | 'keys'>;
  readonly authority: string;
  readonly pool: pg.Pool;
  readonly directory: Pick<DirectoryClient, 'latest' | 'onChange'>;
  readonly federation: FederationClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly faults: Faults;
}

/** Placing, integrating and cosigning, each behind the one before. */
export function openTrees(options: Options): NodeTrees {
  const { authority, clock, config, directory, faults, log, pool } = options;
  const witnessing = startWitnessing({
    ...options,
    ...{ fed: config.fed, member: config.member, witnessSeed: config.keys.witness.seed },
    latest: () => directory.latest(),
    fetchNodes: async (size, nodes) => await readNodes(pool, size, nodes),
  });
  directory.onChange(() => witnessing.kick());
  const maySign = (size?: number): boolean => witnessing.maySign(size);
  const { integrator, store } = openNodeLedger({ pool, config, authority, clock, faults, maySign });
  const integrate = async (): Promise<number> => {
    const leaves = await integrator.integrate();
    if (leaves > 0) witnessing.kick();
    return leaves;
  };
  const sequencer = startSequencer({ pool, clock, log, faults, integrator: { integrate } });
  return { sequencer, ledger: store, witnessing };
}

interface Listeners {
  readonly publicApp: App;
  readonly federationApp: App;
  readonly metrics: Metrics;
}

/** What a node's trees answer on both listeners, and what they add to its readiness and metrics. */
export function treeRoutes({ publicApp, federationApp, metrics }: Listeners, trees: NodeTrees): void {
  const { ledger, sequencer, witnessing } = trees;
  ledgerRoutes(publicApp, ledger);
  addCheckpointRoute(publicApp, witnessing.witness);
  addCheckpointRoute(federationApp, witnessing.witness);
  seenRoute(federationApp, witnessing.witness);
  publicApp.addReadiness('sequencer', () => sequencer.ready());
  publicApp.addReadiness('ledger', () => witnessing.ready());
  const lag = (): QuorumLag => witnessing.lag();
  metrics.gauge(
    'ledger_cosigned_size',
    'Leaves under the newest counting checkpoint',
    () => lag().cosignedSize,
  );
  const unwitnessed = 'Age of the oldest checkpoint beyond the newest that counts';
  metrics.gauge('ledger_behind_seconds', unwitnessed, () => lag().behindMs / 1000);
}
