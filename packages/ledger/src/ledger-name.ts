/**
 * The origin of a member's ledger: the first line of its checkpoints, and the name of the key that signs
 * them.
 */
export function ledgerOrigin(fed: string, member: string): string {
  return `causeway/${fed}/${member}`;
}

/** The name of the key that a member cosigns with. */
export const witnessName = (fed: string, member: string): string => `${ledgerOrigin(fed, member)}/witness`;
