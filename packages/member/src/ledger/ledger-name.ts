import { ledgerOrigin, noteSigner } from '@causeway/ledger';
import type { NoteSigner } from '@causeway/ledger';
import type { CommonConfig } from '@causeway/service';

export { ledgerOrigin };

/** What signs the checkpoints of a node's own ledger. */
export function ledgerSigner(config: Pick<CommonConfig, 'fed' | 'member' | 'keys'>): NoteSigner {
  return noteSigner(ledgerOrigin(config.fed, config.member), 'note', config.keys.ledger.seed);
}
