/** Whose ledger it is, and who the federation's authority is: both by member id. */
export interface QuorumRule {
  readonly operator: string;
  readonly authority: string;
}

const cosignersMin = 2;

/**
 * Whether a checkpoint counts: two members have cosigned it, its own operator not counted, and one of them is
 * not the authority (protocol, section 7). A member counts once, whatever number of keys it signs with.
 */
export function isWitnessed(cosigners: Iterable<string>, { operator, authority }: QuorumRule): boolean {
  const counted = new Set(cosigners);
  counted.delete(operator);
  const others = [...counted].filter((member) => member !== authority);
  return counted.size >= cosignersMin && others.length >= 1;
}
