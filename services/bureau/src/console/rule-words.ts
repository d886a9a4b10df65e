import { publishingRules } from '@causeway/records/publishing/rules';

interface Said {
  readonly en: string;
  readonly zh: string;
}

/** A rule in both languages; nothing of one that this version does not know. */
export interface RuleWords {
  readonly severity?: string;
  readonly what?: Said;
  readonly fix?: Said;
}

const known: ReadonlyMap<string, { severity: string; what: Said; fix: Said }> = new Map(
  Object.entries(publishingRules),
);

export function saidOf(rule: string): RuleWords {
  const said = known.get(rule);
  return said === undefined ? {} : { severity: said.severity, what: said.what, fix: said.fix };
}
