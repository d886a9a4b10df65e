import { purposes } from '@causeway/records/purposes';
import type { CreditRecord, RecordOf } from '@causeway/records';

import { writeAccount } from './accounts.ts';
import {
  degrees,
  educations,
  employments,
  institutions,
  maritalStates,
  occupations,
  sexes,
} from './codes.ts';
import { writeFacility, writeLiability, writePostpaid } from './commitments.ts';
import { writeAnnotation } from './marks.ts';
import { writePublicRecord } from './public-records.ts';
import type { CcrcQuirks } from './quirks.ts';
import { group, tag, Tags } from './tags.ts';

type Placed = readonly [groupName: string, xml: string];
type PersonProfile = Extract<RecordOf<'profile'>, { kind: 'person' }>;

/** The groups of a personal report for one record; none for what the registry does not keep. */
export function placePersonal(
  record: CreditRecord,
  all: readonly CreditRecord[],
  quirks: CcrcQuirks,
): readonly Placed[] {
  switch (record.record) {
    case 'account':
      return [['PDA', writeAccount('PD01', record, all, quirks)]];
    case 'facility':
      return [['PCA', writeFacility('PD02', record, quirks)]];
    case 'liability':
      return [['PCR', writeLiability('PD03', record, quirks)]];
    case 'postpaid':
      return [['PND', writePostpaid('PE01', record, quirks)]];
    case 'score':
      return [['PSM', writeScore(record, quirks)]];
    case 'inquiry':
      return writeInquiry(record, quirks);
    case 'annotation':
      return [['POS', writeAnnotation('PG01', record)]];
    case 'public_record':
      return [writePublicRecord('person', record, quirks)].filter((placed) => placed !== undefined);
    case 'account_event':
    case 'conditional':
    case 'obligation':
    case 'profile':
    case 'rating':
    case 'relation':
    case 'statement':
    case 'watchlist':
      return [];
  }
}

/** All profiles together: the registry has one of each. */
export function placeProfiles(profiles: readonly PersonProfile[], quirks: CcrcQuirks): readonly Placed[] {
  const [identity] = profiles.filter(({ category }) => category === 'IDENTITY');
  const post = profiles.find(({ category }) => category === 'EMPLOYMENT') ?? identity;
  const person = identity ?? post;
  if (person === undefined || post === undefined) return [];
  const about =
    new Tags(person, quirks)
      .code('PB01AD01', 'sex', sexes)
      .date('PB01AR01', 'birth_date')
      .word('PB01AD05', 'nationality').xml +
    new Tags(post, quirks)
      .code('PB01AD02', 'education', educations)
      .code('PB01AD03', 'degree', degrees)
      .code('PB01AD04', 'employment_status', employments).xml;
  const marriage = new Tags(person, quirks).code('PB020D01', 'marital_status', maritalStates).xml;
  const work = new Tags(post, quirks)
    .word('PB040D03', 'industry')
    .code('PB040D04', 'occupation', occupations)
    .kept('PB040D02', 'PB040D05', 'PB040D06', 'PB040R01').xml;
  return [
    ['PIM', group('PB01', group('PB01A', about + tag('PB01AR02', person.as_of)) + contacts)],
    ['PMM', group('PB02', marriage)],
    ['PRM', group('PB03', tag('PB030Q01', '某市某路一号'))],
    ['POM', group('PB04', work + tag('PB040Q01', '某某公司') + tag('PB040R02', post.as_of))],
  ];
}

/** What every real report has and no reader may pass on. */
const contacts = group('PB01B', tag('PB01BS01', '1') + group('PB01BH', tag('PB01BQ01', '13900000000')));

function writeScore(score: RecordOf<'score'>, quirks: CcrcQuirks): string {
  const reasons = (score.reasons ?? []).map(({ code }) => tag('PC010D01', code)).join('');
  const gap = score.unscorable_reason === 'not_scored' ? '--' : '';
  const value = score.value === undefined ? tag('PC010Q01', gap) : tag('PC010Q01', String(score.value));
  const position = new Tags(score, quirks).percent('PC010Q02', 'percentile_ppm').xml;
  return group('PC01', value + position + tag('PC010S01', String(score.reasons?.length ?? 0)) + reasons);
}

function writeInquiry(inquiry: RecordOf<'inquiry'>, quirks: CcrcQuirks): readonly Placed[] {
  const entry = purposes[inquiry.purpose];
  if (!('pboc' in entry)) return [];
  const { xml } = new Tags(inquiry, quirks)
    .date('PH010R01', 'on')
    .code('PH010D01', 'requester_type', institutions)
    .plain('PH010Q02', 'requester_ref')
    .raw('PH010Q03', entry.pboc);
  return [['POQ', group('PH01', xml)]];
}
