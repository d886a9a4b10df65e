import { isDate } from '@causeway/kernel';
import type { Category } from '@causeway/records/categories';
import { childOf, childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { markedCategories, markKinds, meaningIn } from './codes.ts';
import { Draft, passed, textOf } from './draft.ts';
import { day, text as readText } from './readings.ts';
import type { Report } from './report.ts';

/** Where one annotation has its kind, its text, its first and its last day. */
interface MarkTags {
  readonly kind: string;
  readonly text: string;
  readonly from: string;
  readonly until: string;
}

interface Mark {
  readonly kind: string;
  readonly text?: string;
  readonly added_on: string;
  readonly ends_on?: string;
}

const marksMax = 16;

/** The annotations of one entry (its group `…Z`), as marks that travel with its record. */
export function readMarks(
  report: Report,
  element: XmlElement,
  p: string,
  category: Category,
): { marks?: Mark[]; display_state?: 'marked' } {
  const group = childOf(element, p);
  new Draft(report).read(group, passed(`${p}S01`, `${p}H`));
  const tags = { kind: `${p}D01`, text: `${p}Q01`, from: `${p}R01`, until: `${p}R02` };
  const entries = childrenOf(group, `${p}H`);
  const marks = entries.flatMap((entry) => readMark(report, entry, tags) ?? []);
  if (marks.length < entries.length) report.lose(p, category);
  if (marks.length === 0) return {};
  if (marks.length > marksMax) report.lose(p, category);
  const kept = marks.length > marksMax ? marks.toSorted(disputesFirst).slice(0, marksMax) : marks;
  const disputed = marks.some(({ ends_on, kind }) => kind === 'dispute_mark' && !isOver(report, ends_on));
  return { marks: kept, ...(disputed ? { display_state: 'marked' } : {}) };
}

/** Annotations of the report as a whole (PG01, EI01): records of their own. */
export function readAnnotations(report: Report, element: XmlElement, p: 'PG01' | 'EI01'): void {
  const about = textOf(element, `${p}0D01`);
  const told = meaningIn(markedCategories, about);
  const category = (told ?? 'IDENTITY') as Category;
  if (told === undefined) report.note(`${p}0D01`, 'assumed');
  new Draft(report).read(element, passed(`${p}0D01`, `${p}0S01`, `${p}0H`));
  const tags = { kind: `${p}0D03`, text: `${p}0Q01`, from: `${p}0R01`, until: `${p}0R02` };
  for (const entry of childrenOf(element, `${p}0H`)) {
    const mark = readMark(report, entry, tags);
    if (mark === undefined) report.lose(p, category);
    else
      report.add(new Draft(report), entry, {
        record: 'annotation',
        category,
        segment: p,
        extra: { ...mark },
      });
  }
}

function readMark(report: Report, entry: XmlElement, tags: MarkTags): Mark | undefined {
  const draft = new Draft(report).read(entry, passed(tags.kind, tags.text, tags.from, tags.until));
  const kind = meaningIn(markKinds, textOf(entry, tags.kind));
  if (kind === undefined) {
    report.note(tags.kind, 'unreadable');
    return undefined;
  }
  const read = { text: readText, from: day, until: day } as const;
  const found = (['text', 'from', 'until'] as const).map((part) => {
    const raw = textOf(entry, tags[part]);
    if (raw === undefined) return undefined;
    const { note, value } = read[part](raw, draft);
    if (value === undefined || note !== undefined) report.note(tags[part], note ?? 'unreadable');
    return value as string | undefined;
  });
  const [said, from, until] = found;
  // A mark without its day still marks: better dated by the report than lost.
  if (from === undefined) report.note(tags.from, 'assumed');
  return {
    ...{ kind, added_on: from ?? report.day },
    ...(said === undefined ? {} : { text: said }),
    ...(until === undefined ? {} : { ends_on: until }),
  };
}

const isOver = (report: Report, ends: string | undefined): boolean =>
  ends !== undefined && isDate(ends) && ends < report.day;

/** Where marks must be left out, a dispute is the last to go. */
const disputesFirst = (a: Mark, b: Mark): number =>
  Number(b.kind === 'dispute_mark') - Number(a.kind === 'dispute_mark');
