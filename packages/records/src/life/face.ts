import { dateOf } from '@causeway/kernel';
import type { Static } from 'typebox';
import type { DisplayStateSchema, MarkSchema } from '../envelope.ts';
import { openingCategories } from '../projection.ts';
import type { Category } from '../categories.ts';
import type { CreditRecord } from '../record.ts';
import { repaired, spanOf } from './overrides.ts';
import { effectAt, fatesOf } from './retention.ts';
import type { Fate, Lived } from './retention.ts';
import type { LifeRules } from './rules.ts';

export type Mark = Static<typeof MarkSchema>;
export type DisplayState = Static<typeof DisplayStateSchema>;

/** A record as it is held, with the marks that travel with it. */
export interface Held extends Lived {
  readonly marks: readonly Mark[];
}

/** How a record is shown at an instant. `record` is the very record that is held where nothing changes it. */
export interface Face {
  readonly record: CreditRecord;
  readonly state: DisplayState;
  /** The rule that hides it or shows it otherwise than it was reported; for the bureau, not for who asks. */
  readonly rule?: string;
}

/** Marks that one record carries at most; the schema's bound. */
const marksMax = 16;

/**
 * How a record is shown at an instant (ms since the epoch): hidden for one of three reasons, marked, shown
 * as an override says, or as it is. The record itself is never changed.
 */
export function faceAt(held: Held, rules: LifeRules, ms: number): Face {
  const hidden = hiddenAt(held, rules, ms);
  if (hidden) return { record: { ...held.record, display_state: hidden.state }, ...hidden };
  const override = rules.overrides.find((rule) => holds(spanOf(rule, held), ms));
  const { record } = held;
  const shown = override && record.record === 'account' ? repaired(record, override) : record;
  const today = (): string => dateOf(ms, rules.zone);
  return { ...marked(shown, held.marks, today), ...(override && { rule: override.id }) };
}

const states = { delete: 'expired', archive: 'restricted', suppress: 'suppressed' } as const;

function hiddenAt(held: Held, rules: LifeRules, ms: number): Omit<Face, 'record'> | undefined {
  const { display_state: own } = held.record;
  const over = effectAt(fatesOf(held, rules), ms);
  if (over) return { state: states[over.effect], rule: over.rule };
  if (own === 'suppressed' || own === 'restricted' || own === 'expired') return { state: own };
  const notice = missingNotice(held, rules);
  return notice === undefined ? undefined : { state: 'restricted', rule: notice };
}

/** The rule under which the subject must be told before anybody else may see the record. */
function missingNotice({ kind, record }: Lived, { notices }: LifeRules): string | undefined {
  if (record.is_adverse !== true) return undefined;
  if (record.notice_id !== undefined || record.notice_exemption !== undefined) return undefined;
  return notices.find(({ subjects }) => subjects.includes(kind))?.id;
}

function holds(span: ReturnType<typeof spanOf>, ms: number): boolean {
  return span !== undefined && span.fromMs <= ms && (span.untilMs === undefined || ms < span.untilMs);
}

/** Open disputes make the state, and all marks travel; the newest ones where there are too many. */
function marked(
  record: CreditRecord,
  marks: readonly Mark[],
  today: () => string,
): Pick<Face, 'record' | 'state'> {
  const all = [...(record.marks ?? []), ...marks];
  const standing = all.filter(({ ends_on }) => ends_on === undefined || ends_on >= today());
  const disputed = standing.some(({ kind }) => kind === 'dispute_mark');
  const state: DisplayState = disputed || record.display_state === 'marked' ? 'marked' : 'visible';
  if (marks.length === 0 && standing.length === all.length && !disputed) return { record, state };
  const { display_state: _, marks: __, ...rest } = record;
  const shown = standing
    .toSorted((a, b) => Number(b.kind === 'dispute_mark') - Number(a.kind === 'dispute_mark'))
    .slice(0, marksMax);
  return {
    record: {
      ...rest,
      ...(state === 'marked' ? { display_state: state } : {}),
      ...(shown.length > 0 ? { marks: shown } : {}),
    },
    state,
  };
}

/**
 * A record whose life somebody else keeps, with marks that stand on it here: as `faceAt` shows marks. What
 * its source hides stays hidden. `today` is the day at the bureau.
 */
export function withMarks(record: CreditRecord, marks: readonly Mark[], today: string): CreditRecord {
  const { display_state: own } = record;
  if (own === 'suppressed' || own === 'restricted' || own === 'expired') return record;
  return marked(record, marks, () => today).record;
}

/** What can be said of a record in advance, so that it can be handed out without being looked into. */
export interface Stamp {
  /** The categories that let it out as it is; undefined where it must be rebuilt, or not shown at all. */
  readonly openedBy: readonly Category[] | undefined;
  /** The first end: from this ms on it is not shown. */
  readonly expires: Fate | undefined;
  /** Until this ms `openedBy` holds; null where time alone changes nothing. */
  readonly dueMs: number | null;
  /** Set where it is to be deleted by now. */
  readonly over: Fate | undefined;
}

/** Looks ahead from an instant: what holds, until when, and what ends it. */
export function stampOf(held: Held, rules: LifeRules, ms: number): Stamp {
  const fates = fatesOf(held, rules);
  const face = faceAt(held, rules, ms);
  const deletion = fates.find(({ effect }) => effect === 'delete');
  const spans = rules.overrides.flatMap((rule) => spanOf(rule, held) ?? []);
  const changes = [
    ...(deletion ? [deletion.ms] : []),
    ...spans.flatMap(({ fromMs, untilMs }) => (untilMs === undefined ? [fromMs] : [fromMs, untilMs])),
  ];
  return {
    openedBy: face.record === held.record ? openingCategories(face.record) : undefined,
    expires: fates[0],
    dueMs: changes.filter((each) => each > ms).reduce<number | null>((a, b) => Math.min(a ?? b, b), null),
    over: deletion && deletion.ms <= ms ? deletion : undefined,
  };
}
