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
  /** JSON of the notice that the person has had, null without one. */
  readonly notice: string | null;
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
  readonly notice: string | null;
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
}

/**
 * Decides what becomes of a reported record beside what is held: an older day replaces nothing, the same
 * content is no version, and a later delinquency makes no debt younger. Version, last day and its rule are
 * derived here, whatever the report says of them.
 */
export function nextVersion(reported: CreditRecord, prior: Prior | undefined, where: Circumstances): Next {
  const { nowMs, rules, subjectKind } = where;
  if (prior && reported.as_of < prior.as_of) return { kind: 'older' };
  const facts = noticed(factsOf(reported), prior?.notice);
  const digest = digestOfFacts(facts);
  if (prior?.digest === digest) return { kind: 'same' };
  const since = earliestDate(prior?.delinquent_since ?? undefined, facts.first_delinquency_on);
  const returned = prior?.buried === true;
  const record = returned ? { ...facts, marks: [...(facts.marks ?? []), cameBack(where)] } : facts;
  const marks = marksOf(prior?.marks);
  const stamp = stampOf(
    { record: record as CreditRecord, kind: subjectKind, marks, delinquentSince: since },
    rules,
    nowMs,
  );
  if (stamp.over) return { kind: 'over', rule: stamp.over.rule };
  const version = (prior?.version ?? 0) + 1;
  const end = stamp.expires && { expires_on: stamp.expires.on, retention_rule: stamp.expires.rule };
  const row: NewVersion = {
    ...{ as_of: facts.as_of, version, digest },
    body: JSON.stringify({ ...record, version, ...end }),
    opened_by: openedByText(stamp.openedBy),
    valid_from_ms: Math.max(nowMs, prior?.valid_from_ms ?? 0),
    ...{ expires_ms: stamp.expires?.ms ?? null, due_ms: stamp.dueMs, delinquent_since: since ?? null },
    notice: noticeOf(facts),
  };
  return { kind: 'version', row, returned };
}

type Facts = Omit<CreditRecord, 'display_override' | 'expires_on' | 'retention_rule' | 'version'>;

/** What its source says of a record, without what is derived here. */
export function factsOf(record: CreditRecord): Facts {
  const { display_override: _, expires_on: __, retention_rule: ___, version: ____, ...facts } = record;
  return facts;
}

/** By what two reports are the same, whatever the order of their members. */
export const digestOfFacts = (facts: Facts): Digest => sha256Digest(canonicalJson(facts));

/** Which notice, and of behaviour that began when. */
interface Notice {
  readonly id: string;
  readonly of: string | null;
}

/**
 * Once a person was told of a behaviour, a report of the same that does not name the notice needs no other.
 */
function noticed(facts: Facts, column: string | null | undefined): Facts {
  if (typeof column !== 'string' || facts.is_adverse !== true || facts.notice_id !== undefined) return facts;
  const { id, of } = JSON.parse(column) as Notice;
  return of === (facts.adverse_started_on ?? null) ? { ...facts, notice_id: id } : facts;
}

function noticeOf({ adverse_started_on, is_adverse, notice_id }: Facts): string | null {
  if (is_adverse !== true || notice_id === undefined) return null;
  const notice: Notice = { id: notice_id, of: adverse_started_on ?? null };
  return JSON.stringify(notice);
}

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
