import type { Clock } from '@causeway/kernel';
import { isWitnessed } from '@causeway/ledger';
import type { Log } from '@causeway/service';
import type pg from 'pg';

import { recentCosigners } from './cosignature-store.ts';
import { quorumOf } from './known-ledgers.ts';
import type { LedgerDirectory } from './known-ledgers.ts';
import type { OwnTree } from './own-tree.ts';

interface Options {
  readonly member: string;
  readonly tree: OwnTree;
  readonly pool: pg.Pool;
  readonly latest: () => LedgerDirectory | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** How far the cosigned ledger is behind the signed one. */
export interface QuorumLag {
  /** Of the newest checkpoint that counts. */
  readonly cosignedSize: number;
  /** Since when the oldest checkpoint above it has waited; 0 where none waits. */
  readonly behindMs: number;
}

const staleMsMin = 60_000;

/** Says so in the log, once each time, when checkpoints begin to stay without a quorum, and when they end. */
export class QuorumWatch {
  private cosignedSize = 0;
  private isStale = false;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** Looks at what is stored now. */
  async look(): Promise<QuorumLag> {
    const { clock, latest, log, member, pool, tree } = this.options;
    const view = latest();
    const rule = view && quorumOf(view, member);
    const recent = rule === undefined ? [] : await recentCosigners(pool, this.cosignedSize);
    const counted = recent.find(({ witnesses }) => rule && isWitnessed(witnesses, rule));
    this.cosignedSize = counted?.size ?? this.cosignedSize;
    const since = await tree.signedAfter(this.cosignedSize);
    const behindMs = since === undefined ? 0 : Math.max(0, clock.now() - since);
    const isStale = behindMs >= staleMsMin;
    if (isStale !== this.isStale) {
      const reason = isStale ? 'checkpoints stay without the cosignatures that make them count' : 'cosigned';
      log.error({ event: 'ledger_unwitnessed', alarm: isStale, size: this.cosignedSize, reason });
    }
    this.isStale = isStale;
    return { cosignedSize: this.cosignedSize, behindMs };
  }
}
