import type { Clock } from '@causeway/kernel';
import { noteSigner } from '@causeway/ledger';
import { every } from '@causeway/service';
import type { FederationClient, Log } from '@causeway/service';
import type pg from 'pg';

import { Cosigning } from './cosigning.ts';
import { witnessName } from './known-ledgers.ts';
import type { LedgerDirectory } from './known-ledgers.ts';
import { LedgerGuard } from './ledger-guard.ts';
import { ownTree } from './own-tree.ts';
import type { FetchNodes } from './own-tree.ts';
import { QuorumWatch } from './quorum-watch.ts';
import type { QuorumLag } from './quorum-watch.ts';
import { createWitness } from './witness.ts';
import type { Witness } from './witness.ts';

/** A node as a witness of others, and with witnesses of its own. */
export interface Witnessing {
  /** What this node is for the others. */
  readonly witness: Witness;
  /** Whether a checkpoint, of this size where it is known, may be signed now. */
  maySign(size?: number): boolean;
  /** A checkpoint has been signed, or there are other witnesses: goes on now and not at the next period. */
  kick(): void;
  /** False while witnesses have more of this node's ledger than its database: then it is not ready. */
  ready(): boolean;
  /** True once a witness has told what it saw last and all of it is there: only then grants are given. */
  mayGrant(): boolean;
  /** How far the cosigned ledger is behind, as of the last look. */
  lag(): QuorumLag;
  stop(): Promise<void>;
}

interface Options {
  readonly fed: string;
  readonly member: string;
  /** 32 bytes of the key that cosigns. */
  readonly witnessSeed: Uint8Array;
  readonly pool: pg.Pool;
  readonly fetchNodes: FetchNodes;
  readonly federation: Pick<FederationClient, 'text'>;
  readonly latest: () => LedgerDirectory | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const periodMs = 1000;

/** Begins to have this node's own checkpoints cosigned, and is ready to cosign those of others. */
export function startWitnessing(options: Options): Witnessing {
  const { clock, fed, latest, log, member, pool } = options;
  const signer = noteSigner(witnessName(fed, member), 'cosignature', options.witnessSeed);
  const witness = createWitness({ pool, signer, latest, clock, log });
  const tree = ownTree(pool, options.fetchNodes);
  const parts = { ...{ fed, member, tree, pool, latest, clock, log }, federation: options.federation };
  const guard = new LedgerGuard(parts);
  const cosigning = new Cosigning({ ...parts, guard });
  const watch = new QuorumWatch(parts);
  let lag: QuorumLag = { cosignedSize: 0, behindMs: 0 };
  const timer = every(
    'cosigning',
    periodMs,
    async (signal) => {
      await cosigning.round(signal);
      lag = await watch.look();
    },
    { log },
  );
  return {
    witness,
    lag: () => lag,
    maySign: (size) => guard.maySign(size),
    kick: () => timer.kick(),
    ready: () => guard.standing() !== 'behind',
    mayGrant: () => guard.standing() === 'clear',
    stop: async () => await timer.stop(),
  };
}
