import type { Clock, Faults } from '@causeway/kernel';
import type { CommonConfig } from '@causeway/service';
import type pg from 'pg';

import { createIntegrator } from './integrator.ts';
import type { Integrator } from './integrator.ts';
import { ledgerSigner } from './ledger-name.ts';
import { openLedgerStore } from './ledger-store.ts';
import type { LedgerStore } from './ledger-store.ts';

/** A node's own ledger: what makes the tree, and what answers about it. */
export interface NodeLedger {
  readonly integrator: Integrator;
  readonly store: LedgerStore;
}

interface Options {
  readonly pool: pg.Pool;
  readonly config: Pick<CommonConfig, 'fed' | 'member' | 'keys'>;
  /** Member id of the federation's authority, whose cosignature alone is not enough. */
  readonly authority: string;
  readonly clock: Clock;
  readonly faults: Faults;
  readonly maySign: (size?: number) => boolean;
}

export function openNodeLedger({ config, authority, ...parts }: Options): NodeLedger {
  return {
    integrator: createIntegrator({ ...parts, signer: ledgerSigner(config) }),
    store: openLedgerStore(parts.pool, { operator: config.member, authority }),
  };
}
