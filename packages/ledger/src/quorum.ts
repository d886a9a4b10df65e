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

/**
 * The witness time of a checkpoint: the earliest second at which the cosignatures on it made it count.
 * Undefined where they do not.
 *
 * @param cosignedBy each cosignature's member and time, in any order
 */
export function witnessTime(
  cosignedBy: readonly { readonly witness: string; readonly time_s: number }[],
  rule: QuorumRule,
): number | undefined {
  const inOrder = cosignedBy.toSorted((one, other) => one.time_s - other.time_s);
  const members = inOrder.map(({ witness }) => witness);
  const at = inOrder.findIndex((_, index) => isWitnessed(members.slice(0, index + 1), rule));
  return inOrder[at]?.time_s;
}
