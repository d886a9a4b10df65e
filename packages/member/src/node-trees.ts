import type { Clock, Faults } from '@causeway/kernel';
import { every } from '@causeway/service';
import type { App, CommonConfig, FederationClient, Log, Metrics } from '@causeway/service';
import type pg from 'pg';

import type { DirectoryClient } from './directory-client.ts';
import { ledgerRoutes } from './ledger/ledger-routes.ts';
import { leavesMax } from './ledger/integrator.ts';
import type { LedgerStore } from './ledger/ledger-store.ts';
import { MergeWatch } from './ledger/merge-watch.ts';
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
  /** Whether statements get their proofs in time, as of the last look. */
  readonly merging: Pick<MergeWatch, 'detail' | 'state'>;
}

const mergeLookMs = 5000;

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

/** A checkpoint counts when it is cosigned, which takes its time: more of them would prove nothing. */
const integrateMs = 400;

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
  const merging = new MergeWatch({ pool, clock, log });
  let dueAt = 0;
  let waiting: NodeJS.Timeout | undefined;
  const integrate = async (grown?: boolean): Promise<number> => {
    const startedAt = clock.monotonic();
    if (startedAt < dueAt) {
      if (grown === true) waiting ??= setTimeout(() => sequencer.kick(), dueAt - startedAt + 1);
      return 0;
    }
    clearTimeout(waiting);
    waiting = undefined;
    const leaves = await merging.counted(async () => await integrator.integrate(grown));
    if (leaves > 0) witnessing.kick();
    // A tree that is far behind goes on at once.
    if (leaves > 0 && leaves < leavesMax) dueAt = startedAt + integrateMs;
    return leaves;
  };
  const sequencer = startSequencer({ pool, clock, log, faults, integrator: { integrate } });
  const looking = every('merge_watch', mergeLookMs, async () => await merging.look(), { log });
  const stop = async (): Promise<void> => {
    clearTimeout(waiting);
    await Promise.all([sequencer.stop(), looking.stop()]);
  };
  return { sequencer: { ...sequencer, stop }, ledger: store, witnessing, merging };
}

interface Listeners {
  readonly publicApp: App;
  readonly federationApp: App;
  readonly metrics: Metrics;
}

/** What a node's trees answer on both listeners, and what they add to its readiness and metrics. */
export function treeRoutes({ publicApp, federationApp, metrics }: Listeners, trees: NodeTrees): void {
  const { ledger, merging, sequencer, witnessing } = trees;
  ledgerRoutes(publicApp, ledger);
  addCheckpointRoute(publicApp, witnessing.witness);
  addCheckpointRoute(federationApp, witnessing.witness);
  seenRoute(federationApp, witnessing.witness);
  publicApp.addReadiness('sequencer', () => sequencer.ready());
  publicApp.addReadiness('ledger', () => witnessing.ready());
  publicApp.addHealthDetail('ledger', async () => merging.detail());
  const lag = (): QuorumLag => witnessing.lag();
  metrics.gauge(
    'ledger_cosigned_size',
    'Leaves under the newest counting checkpoint',
    () => lag().cosignedSize,
  );
  const unwitnessed = 'Age of the oldest checkpoint beyond the newest that counts';
  metrics.gauge('ledger_behind_seconds', unwitnessed, () => lag().behindMs / 1000);
  const unmerged = 'Age of the oldest statement that no signed tree holds';
  metrics.gauge('ledger_unmerged_seconds', unmerged, () => merging.state().unmergedMs / 1000);
  const failures = 'How often in a row the tree could not be made';
  metrics.gauge('ledger_integration_failures', failures, () => merging.state().failures);
}
