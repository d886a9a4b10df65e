import { dateOf } from '@causeway/kernel';
import { sha256Digest } from '@causeway/protocol';
import type { Digest } from '@causeway/protocol';
import { canonicalJson } from '@causeway/protocol/canonical-json';
import type { CreditRecord } from '@causeway/records';
import { earliestDate, stampOf } from '@causeway/records/life/index';
import type { LifeRules, Mark } from '@causeway/records/life/index';

/** What the store holds under a record's key, or held last: `buried` where a tombstone is all there is. */
export interface Prior {
  readonly as_of: string;
  readonly version: number;
  readonly digest: string;
  readonly delinquent_since: string | null;
  readonly valid_from_ms: number;
  /** JSON of the marks that stand, null without any. */
  readonly marks: string | null;
  /** JSON of what was said of the adverse behaviour, null where there is none. */
  readonly behaviour: string | null;
  readonly buried: boolean;
}

/** A version to be written, by the columns of its row. */
export interface NewVersion {
  readonly as_of: string;
  readonly body: string;
  readonly opened_by: string | null;
  readonly version: number;
  readonly digest: Digest;
  readonly valid_from_ms: number;
  readonly expires_ms: number | null;
  readonly due_ms: number | null;
  readonly delinquent_since: string | null;
  readonly behaviour: string | null;
}

/**
 * What a reported record comes to. `over`: the rule says that it must not be kept, so nothing of it is
 * stored and what stands goes. `returned`: it was deleted before.
 */
export type Next =
  | { readonly kind: 'same' | 'older' }
  | { readonly kind: 'over'; readonly rule: string }
  | { readonly kind: 'version'; readonly row: NewVersion; readonly returned: boolean };

export interface Circumstances {
  readonly subjectKind: 'person' | 'enterprise';
  readonly rules: LifeRules;
  readonly nowMs: number;
  /** The signed batch that brings the report, which its body then names. */
  readonly statement?: Digest | null | undefined;
}

/**
 * Decides what becomes of a reported record beside what is held: an older day replaces nothing, the same
 * content is no version, and a later delinquency makes no debt younger. Version, last day and its rule are
 * derived here, whatever the report says of them.
 */
export function nextVersion(reported: CreditRecord, prior: Prior | undefined, where: Circumstances): Next {
  const { nowMs, rules, subjectKind } = where;
  if (prior && reported.as_of < prior.as_of) return { kind: 'older' };
  const before = sameBehaviour(reported, prior?.behaviour);
  const facts = noticed(factsOf(reported), before);
  const text = textOfFacts(facts);
  const digest = sha256Digest(text);
  if (prior?.digest === digest) return { kind: 'same' };
  const since = earliestDate(prior?.delinquent_since ?? undefined, facts.first_delinquency_on);
  const returned = prior?.buried === true;
  const record = returned ? { ...facts, marks: [...(facts.marks ?? []), cameBack(where)] } : facts;
  const marks = marksOf(prior?.marks);
  const behaviour = behaviourIn(facts, before);
  const stamp = stampOf(
    {
      record: record as CreditRecord,
      kind: subjectKind,
      marks,
      delinquentSince: since,
      overdueMax: behaviour?.overdue_max,
    },
    rules,
    nowMs,
  );
  if (stamp.over) return { kind: 'over', rule: stamp.over.rule };
  const version = (prior?.version ?? 0) + 1;
  const end = stamp.expires && { expires_on: stamp.expires.on, retention_rule: stamp.expires.rule };
  const row: NewVersion = {
    ...{ as_of: facts.as_of, version, digest },
    body: bodyOf(record, record === facts && facts.batch === undefined ? text : undefined, {
      ...(typeof where.statement === 'string' && { batch: where.statement }),
      ...{ version, ...end },
    }),
    opened_by: openedByText(stamp.openedBy),
    valid_from_ms: Math.max(nowMs, prior?.valid_from_ms ?? 0),
    ...{ expires_ms: stamp.expires?.ms ?? null, due_ms: stamp.dueMs, delinquent_since: since ?? null },
    behaviour: behaviour && JSON.stringify(behaviour),
  };
  return { kind: 'version', row, returned };
}

const derived = ['display_override', 'expires_on', 'retention_rule', 'version'] as const;

/** A record's JSON with what is derived of it; `text` is that of the record, where it is known. */
function bodyOf(record: object, text: string | undefined, more: { readonly version: number }): string {
  if (text === undefined) return JSON.stringify({ ...record, ...more });
  return `${text.slice(0, -1)},${JSON.stringify(more).slice(1)}`;
}

type Facts = Omit<CreditRecord, 'display_override' | 'expires_on' | 'retention_rule' | 'version'>;

/** What its source says of a record, without what is derived here. */
export function factsOf(record: CreditRecord): Facts {
  // Hardly a report has one of them, and each is looked at once for every line that is published.
  if (derived.every((name) => record[name] === undefined)) return record;
  const { display_override: _, expires_on: __, retention_rule: ___, version: ____, ...facts } = record;
  return facts;
}

/** By what two reports are the same, whatever the order of their members and whichever file brought them. */
export function digestOfFacts(facts: Facts): Digest {
  return sha256Digest(textOfFacts(facts));
}

const textOfFacts = (facts: Facts): string =>
  canonicalJson(facts.batch === undefined ? facts : { ...facts, batch: undefined });

/**
 * What has been reported of one adverse behaviour: when it began, the notice that the person has had of it,
 * and the most that was overdue in any report, in minor units.
 */
interface Behaviour {
  readonly began: string | null;
  readonly notice?: string;
  readonly overdue_max?: string;
}

/** What earlier reports said, where they are about the same behaviour. */
function sameBehaviour(
  { adverse_started_on, is_adverse }: Facts,
  column: string | null | undefined,
): Behaviour | undefined {
  if (typeof column !== 'string' || is_adverse !== true) return undefined;
  const before = JSON.parse(column) as Behaviour;
  return before.began === (adverse_started_on ?? null) ? before : undefined;
}

/**
 * Once a person was told of a behaviour, a report of the same that does not name the notice needs no other.
 */
function noticed(facts: Facts, before: Behaviour | undefined): Facts {
  const notice_id = facts.notice_id ?? before?.notice;
  return notice_id === undefined ? facts : { ...facts, notice_id };
}

function behaviourIn(facts: Facts, before: Behaviour | undefined): Behaviour | null {
  if (facts.is_adverse !== true) return null;
  const total: unknown = 'overdue_total' in facts ? facts.overdue_total : undefined;
  const amounts = [typeof total === 'string' ? total : '0', before?.overdue_max ?? '0'];
  const most = amounts.map(BigInt).reduce((a, b) => (a > b ? a : b));
  return {
    began: facts.adverse_started_on ?? null,
    ...(facts.notice_id !== undefined && { notice: facts.notice_id }),
    ...(most > 0n && { overdue_max: String(most) }),
  };
}

/** The most that was overdue in any report of the behaviour that a row is about. */
export const overdueMaxOf = (column: string | null): string | undefined =>
  column === null ? undefined : (JSON.parse(column) as Behaviour).overdue_max;

const cameBack = ({ nowMs, rules }: Circumstances): Mark => ({
  kind: 'bureau_note',
  text: 'reinserted after its deletion',
  added_on: dateOf(nowMs, rules.zone),
});

/** The marks of a row's column. */
export const marksOf = (column: string | null | undefined): readonly Mark[] =>
  typeof column === 'string' ? (JSON.parse(column) as Mark[]) : [];

/** Categories as the column `opened_by` holds them: in one text, sorted; null where nothing opens it. */
export const openedByText = (openedBy: readonly string[] | undefined): string | null =>
  openedBy?.toSorted().join(' ') ?? null;
