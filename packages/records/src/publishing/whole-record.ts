import { recordRules, surroundingsOf, type SubjectKind } from '../record-rules.ts';
import type { CreditRecord } from '../record.ts';
import type { RecordRule } from './mapping.ts';
import { LineFault } from './refusal.ts';
import type { Warning } from './refusal.ts';
import type { LineRule } from './rules.ts';

type RuleId = Extract<(typeof recordRules)[number]['id'], LineRule>;

/** What a mapping's rule fills, by the fields of the record. */
interface Filled {
  readonly record: RecordRule['record'];
  readonly has: (field: string) => boolean;
}

const both =
  (...[from, to]: readonly [string, string]) =>
  ({ has }: Filled): boolean =>
    has(from) && has(to);
const anyOf =
  (...tests: readonly ((filled: Filled) => boolean)[]) =>
  (filled: Filled): boolean =>
    tests.some((test) => test(filled));
const native = ({ has }: Filled): boolean => has('native') || has('native_ext');
const history = ({ has }: Filled): boolean => has('history');
const kinds =
  (...names: readonly RecordRule['record'][]) =>
  ({ record }: Filled): boolean =>
    names.includes(record);

/**
 * Which rules of a whole record a mapping's rule can break at all. The others are kept by how fields are
 * filled, one by one, or speak of fields that no mapping fills.
 */
const strikes: Readonly<Partial<Record<RuleId, (filled: Filled) => boolean>>> = {
  identifier_in_record: native,
  characters: native,
  denied_data: native,
  unknown_field: native,
  adverse_notice: ({ has }) => has('is_adverse'),
  conditional_basis: kinds('conditional'),
  period_order: anyOf(
    both('opened', 'closed'),
    both('valid_from', 'valid_to'),
    both('since', 'until'),
    both('adverse_started_on', 'adverse_ended_on'),
    both('added_on', 'ends_on'),
  ),
  history_months: history,
  history_codes: history,
  amount_currency: kinds('postpaid', 'public_record'),
  band: kinds('watchlist', 'conditional'),
  ratio: kinds('relation', 'score'),
  score_range: kinds('score'),
  score_value: kinds('score'),
};

/** Checks a whole record of a line, and tells what is odd about one that is taken. @throws LineFault */
export type CheckWhole = (record: CreditRecord, kind: SubjectKind, warnings: Omit<Warning, 'line'>[]) => void;

/**
 * The rules that a record of this mapping can break as a whole. With `hold`, adverse information about a
 * person without notice is taken all the same: the store shows it to nobody until the notice comes.
 */
export function checksOfWhole(rule: RecordRule, hold: boolean, pointer: string): CheckWhole {
  const filled = new Set(Object.keys(rule.fields).map((name) => name.split('.')[0]));
  const of: Filled = { record: rule.record, has: (field) => filled.has(field) };
  const rules = recordRules.filter(({ id }) =>
    (strikes as Partial<Record<string, (typeof strikes)[RuleId]>>)[id]?.(of),
  );
  if (rules.length === 0) return () => undefined;
  return (record, kind, warnings) => {
    const around = surroundingsOf(record, kind);
    for (const { breaks, id, message } of rules) {
      const [field] = breaks(record, around);
      if (field === undefined) continue;
      if (id !== 'adverse_notice' || !hold) {
        throw new LineFault(id as RuleId, `The field "${field}" ${message}.`, null, pointer);
      }
      const what = 'The record is adverse and has no notice: it is stored, and shown to nobody.';
      warnings.push({ rule: 'adverse_held', column: null, pointer: `${pointer}/is_adverse`, message: what });
    }
  };
}
