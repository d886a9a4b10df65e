import type { LineProof, ProvenLeaf } from '@causeway/sdk';
import type { LedgersCompared } from '../compare-ledgers.ts';
import type { Comparison } from '../seen-trees.ts';

/** What a proof has shown, in three sentences: what, who saw it, and what it was compared with. */
export function proofSentences(proven: ProvenLeaf, comparison: Comparison): string[] {
  return [leafSentence(proven), witnessSentence([proven]), comparedSentence([comparison], [])];
}

/** What can be shown of one line, compared with nothing. */
export function lineProofSentences(proof: LineProof): string[] {
  if (proof.state !== 'proven') return [countSentence([proof], [])];
  return [leafSentence(proof.proven), witnessSentence([proof.proven])];
}

const leafSentence = ({ index, leaf, ledger, size }: ProvenLeaf): string =>
  `The leaf ${leaf} is number ${index + 1} of the ${size} in the ledger of ${ledger}.`;

/** The same for a whole history. */
export function historySentences(
  proofs: readonly LineProof[],
  { broken, comparisons }: LedgersCompared,
): string[] {
  const proven = proofs.flatMap((proof) => (proof.state === 'proven' ? [proof.proven] : []));
  return [
    countSentence(proofs, proven),
    ...(proven.length === 0 ? [] : [witnessSentence(proven)]),
    ...(comparisons.length + broken.length === 0 ? [] : [comparedSentence(comparisons, broken)]),
  ];
}

function countSentence(proofs: readonly LineProof[], proven: readonly ProvenLeaf[]): string {
  const ledgers = [...Map.groupBy(proven, ({ ledger }) => ledger)];
  const where = ledgers.map(([ledger, some]) => `${some.length} in the ledger of ${ledger}`);
  const others = Object.entries(notProven).flatMap(([state, why]) => {
    const count = proofs.filter((proof) => proof.state === state).length;
    return count === 0 ? [] : [`${count} ${why}`];
  });
  const head = `${proven.length} of ${proofs.length} lines are proven`;
  return `${[[head, ...where].join(', '), ...others].join('; ')}.`;
}

const notProven: Readonly<Record<Exclude<LineProof['state'], 'proven'>, string>> = {
  pending: 'too young for a proof',
  overdue: 'without a proof for more than a minute, which should not be',
  unreachable: 'with a node that does not answer',
  failed: 'whose proof does not hold',
};

function witnessSentence(proven: readonly ProvenLeaf[]): string {
  const times = proven.flatMap(({ witnesses }) => witnesses);
  const names = [...new Set(times.map(({ member }) => member))].toSorted();
  const young = proven.filter(({ witnessed }) => !witnessed).length;
  const all = young === proven.length;
  const by = names.length === 0 ? 'nobody' : listed(names);
  if (all) return `It is signed, not yet witnessed by enough members (seen by ${by}).`;
  const last =
    times
      .map(({ at }) => at)
      .toSorted()
      .at(-1) ?? '';
  const rest = young === 0 ? '' : `; ${young} of them are signed, not yet witnessed`;
  return `Witnessed by ${by}, last at ${last.slice(0, 19).replace('T', ' ')} UTC${rest}.`;
}

function comparedSentence(comparisons: readonly Comparison[], broken: LedgersCompared['broken']): string {
  const each = [
    ...comparisons.map((one) => `the ledger of ${one.ledger} ${relationOf(one)}`),
    ...broken.map(({ code, ledger }) => `the ledger of ${ledger} is not the one seen before (${code})`),
  ];
  return `Against what this machine saw last: ${each.join('; ')}.`;
}

function relationOf({ against, seen, size }: Comparison): string {
  switch (against) {
    case 'first':
      return `is seen for the first time, with ${size} leaves`;
    case 'same':
      return `is the same, with ${size} leaves`;
    case 'grown':
      return `has grown from ${seen} to ${size} leaves with nothing changed`;
    case 'older':
      return `had these ${size} leaves before it had ${seen}, with nothing changed`;
    case 'unproven':
      return `could not be compared, since it did not answer (${seen ?? 'no'} leaves then, ${size} now)`;
  }
}

const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
