import { noteSigner } from '@causeway/ledger';
import type { NoteSigner } from '@causeway/ledger';
import type { CommonConfig } from '@causeway/service';

/**
 * The origin of a member's ledger: the first line of its checkpoints, and the name of the key that signs
 * them.
 */
export function ledgerOrigin(fed: string, member: string): string {
  return `causeway/${fed}/${member}`;
}

/** What signs the checkpoints of a node's own ledger. */
export function ledgerSigner(config: Pick<CommonConfig, 'fed' | 'member' | 'keys'>): NoteSigner {
  return noteSigner(ledgerOrigin(config.fed, config.member), 'note', config.keys.ledger.seed);
}
