import type { ProvenLeaf } from '@causeway/sdk/page';
import type { Compared, Outcome } from './check.ts';
import { filled, type Texts } from './texts.ts';

/** What came of a check, to be read: a verdict and the sentences below it. */
export interface Reading {
  readonly verdict: string;
  readonly sentences: readonly string[];
}

/** Three sentences of what holds (what, who saw it when, against what it was compared), or one of why not. */
export function reading(outcome: Outcome, texts: Texts): Reading {
  if ('refused' in outcome) {
    const reason = texts.reasons[outcome.refused] ?? texts.otherReason;
    return { verdict: texts.fails, sentences: [`${reason} (${outcome.refused})`] };
  }
  const { compared, proven } = outcome;
  const sentences = [
    filled(texts.leafSentence, { ...named(proven), leaf: proven.leaf, number: proven.index + 1 }),
    witnessSentence(proven, texts),
    comparedSentence(compared, proven, texts),
  ];
  return { verdict: proven.witnessed ? texts.holds : texts.unwitnessed, sentences };
}

const named = ({ ledger, size }: ProvenLeaf) => ({ ledger, size });

function witnessSentence({ witnessed, witnesses }: ProvenLeaf, texts: Texts): string {
  const names = [...new Set(witnesses.map(({ member }) => member))].toSorted();
  const by = names.length === 0 ? texts.nobody : listed(names, texts);
  if (!witnessed) return filled(texts.youngSentence, { by });
  const last = witnesses.map(({ at }) => at).toSorted();
  const at = (last.at(-1) ?? '').slice(0, 19).replace('T', ' ');
  return filled(texts.witnessedSentence, { by, at });
}

function comparedSentence({ against, seen }: Compared, proven: ProvenLeaf, texts: Texts): string {
  return filled(texts[against], { ...named(proven), seen });
}

function listed(names: readonly string[], { and, comma }: Texts): string {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(comma)}${and}${names.at(-1) ?? ''}`;
}
