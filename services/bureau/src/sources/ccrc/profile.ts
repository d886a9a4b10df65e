import { childOf, childrenOf } from '@causeway/records/xml';
import type { XmlElement } from '@causeway/records/xml';

import { degrees, educations, employmentStates, maritalStates, occupations, sexes } from './codes.ts';
import { Draft, dropped, field, kept, passed, textOf } from './draft.ts';
import { coded, country, date, slug } from './readings.ts';
import type { Report } from './report.ts';

/**
 * PB01, PB02 and PB04 become two profiles, one for each category, so that either can go out alone. Contacts,
 * addresses, the spouse and the employer's name are never kept; PB03 holds residences and nothing else.
 */
export function readPersonProfile(report: Report, document: XmlElement): void {
  report.outline(childOf(document, 'PIM'), ['PB01'], 'IDENTITY');
  report.outline(childOf(document, 'PMM'), ['PB02'], 'IDENTITY');
  const identity = childOf(childOf(document, 'PIM'), 'PB01');
  const marriage = childOf(childOf(document, 'PMM'), 'PB02');
  const posts = childrenOf(childOf(document, 'POM'), 'PB04');
  if (childrenOf(document, 'PRM').length > 0) report.note('PB03', 'dropped');
  if (posts.length > 1) report.note('PB04', 'dropped');
  const about = childOf(identity, 'PB01A');
  if (identity !== undefined || marriage !== undefined) addIdentity(report, identity, marriage);
  if (about !== undefined || posts.length > 0) addEmployment(report, identity, posts[0]);
}

const personal = ['PB01AR01', 'PB01AD01', 'PB01AD05', 'PB01AR02'];
const studies = ['PB01AD02', 'PB01AD03', 'PB01AD04'];
const contacts = ['PB01AQ01', 'PB01AQ02', 'PB01AQ03'];

function addIdentity(
  report: Report,
  identity: XmlElement | undefined,
  marriage: XmlElement | undefined,
): void {
  const about = childOf(identity, 'PB01A');
  const draft = new Draft(report).read(about, [
    field('PB01AR01', 'birth_date', date),
    field('PB01AD01', 'sex', coded(sexes)),
    field('PB01AD05', 'nationality', country),
    ...dropped(...contacts),
    ...passed('PB01AR02', ...studies),
  ]);
  if (identity !== undefined) new Draft(report).read(identity, [...passed('PB01A'), ...dropped('PB01B')]);
  draft.read(marriage, [
    field('PB020D01', 'marital_status', coded(maritalStates, 'unknown')),
    ...dropped('PB020Q01', 'PB020D02', 'PB020I01', 'PB020Q02', 'PB020Q03'),
  ]);
  addProfile(draft, 'IDENTITY', textOf(about, 'PB01AR02'), identity ?? marriage);
}

function addEmployment(report: Report, identity: XmlElement | undefined, post: XmlElement | undefined): void {
  const about = childOf(identity, 'PB01A');
  const draft = new Draft(report)
    .read(about, [
      field('PB01AD02', 'education', coded(educations, 'unknown')),
      field('PB01AD03', 'degree', coded(degrees, 'unknown')),
      field('PB01AD04', 'employment_status', coded(employmentStates, 'unknown')),
      ...passed(...personal, ...contacts),
    ])
    .read(post, [
      ...dropped('PB040Q01', 'PB040Q02', 'PB040Q03'),
      field('PB040D01', 'employment_status', coded(employmentStates, 'unknown')),
      field('PB040D03', 'industry', slug),
      field('PB040D04', 'occupation', coded(occupations, 'unknown')),
      ...kept('PB040D02', 'PB040D05', 'PB040D06', 'PB040R01'),
      ...passed('PB040R02'),
    ]);
  addProfile(draft, 'EMPLOYMENT', textOf(post, 'PB040R02') ?? textOf(about, 'PB01AR02'), post ?? identity);
}

function addProfile(
  draft: Draft,
  category: 'IDENTITY' | 'EMPLOYMENT',
  updated: string | undefined,
  element: XmlElement | undefined,
): void {
  const told =
    Object.keys(draft.values).length > 0 || Object.values(draft.absent).some((gap) => gap !== 'not_reported');
  if (element === undefined || !told) return;
  const as_of = date(updated ?? '', draft).value;
  draft.report.add(draft, element, {
    ...{ record: 'profile', category, segment: 'PB01', key: category.toLowerCase() },
    ...(typeof as_of === 'string' ? { as_of } : {}),
    extra: { kind: 'person' },
  });
}
