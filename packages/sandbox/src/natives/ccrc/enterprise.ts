import type { CreditRecord, RecordOf } from '@causeway/records';

import { writeAccount } from './accounts.ts';
import { outlooks, parties, roles, spans, statementKinds } from './codes.ts';
import { writeFacility, writeLiability, writePostpaid } from './commitments.ts';
import { writeAnnotation } from './marks.ts';
import { writePublicRecord } from './public-records.ts';
import type { CcrcQuirks } from './quirks.ts';
import { group, tag, Tags, wholeUnits } from './tags.ts';

type Placed = readonly [groupName: string, xml: string];

/** The groups of an enterprise's report for one record; none for what the registry does not keep. */
export function placeEnterprise(
  record: CreditRecord,
  all: readonly CreditRecord[],
  quirks: CcrcQuirks,
): readonly Placed[] {
  switch (record.record) {
    case 'profile':
      return [['ECA', writeProfile(record, quirks)]];
    case 'relation':
      return writeRelation(record, quirks);
    case 'account':
      return [['EDA', writeAccount('ED01', record, all, quirks)]];
    case 'facility':
      return [['EDA', writeFacility('ED02', record, quirks)]];
    case 'liability':
      return [['EDA', writeLiability('ED03', record, quirks)]];
    case 'postpaid':
      return [['EEA', writePostpaid('EE01', record, quirks)]];
    case 'public_record':
      return [writePublicRecord('enterprise', record, quirks)].filter((placed) => placed !== undefined);
    case 'statement':
      return [['EGA', writeStatement(record, quirks)]];
    case 'rating':
      return [['EHA', writeRating(record, quirks)]];
    case 'annotation':
      return [['EIA', writeAnnotation('EI01', record)]];
    case 'account_event':
    case 'conditional':
    case 'inquiry':
    case 'obligation':
    case 'score':
    case 'watchlist':
      return [];
  }
}

function writeProfile(profile: RecordOf<'profile'>, quirks: CcrcQuirks): string {
  const { xml } = new Tags(profile, quirks)
    .word('EC010D01', 'economic_type')
    .word('EC010D02', 'org_type')
    .word('EC010D03', 'size')
    .word('EC010D04', 'industry')
    .word('EC010D05', 'status')
    .date('EC010R01', 'founded')
    .date('EC010R02', 'licence_expires')
    .money('EC010J01', 'registered_capital');
  return group('EC01', xml + tag('EC010Q02', '某市某路二号'));
}

const segments: Readonly<Record<string, string>> = {
  ...{ shareholder: 'EC02', officer: 'EC03', legal_representative: 'EC03', parent: 'EC04' },
  actual_controller: 'EC05',
};

function writeRelation(relation: RecordOf<'relation'>, quirks: CcrcQuirks): readonly Placed[] {
  const segment = segments[relation.kind];
  if (segment === undefined) return [];
  const p = `${segment}0`;
  const tags = new Tags(relation, quirks)
    .code(`${p}D01`, 'party_kind', parties)
    .raw(`${p}I01`, relation.party_ref)
    .raw(`${p}Q01`, '某人');
  if (relation.kind === 'legal_representative') tags.raw(`${p}D03`, '0');
  else tags.code(`${p}D03`, 'role', roles);
  tags
    .percent(`${p}S01`, 'ratio_ppm')
    .money(`${p}J01`, 'contribution')
    .date(`${p}R01`, 'since')
    .date(`${p}R02`, 'until');
  return [['ECA', group(segment, tags.xml)]];
}

function writeStatement(statement: RecordOf<'statement'>, quirks: CcrcQuirks): string {
  const { audited, currency, items } = statement;
  const { xml } = new Tags(statement, quirks)
    .code('EG010D01', 'kind', statementKinds)
    .date('EG010R01', 'period')
    .code('EG010D02', 'span', spans)
    .word('EG010D03', 'standard')
    .raw('EG010D04', audited === undefined ? undefined : audited ? '1' : '0')
    .raw('EG010D05', currency)
    .raw('EG010S01', String(Object.keys(items).length));
  const entries = Object.entries(items).map(([name, minor]) =>
    group(
      'EG010H',
      tag('EG010I02', name.toUpperCase()) + tag('EG010J01', wholeUnits(minor, currency, quirks.commas)),
    ),
  );
  return group('EG01', xml + entries.join(''));
}

function writeRating(rating: RecordOf<'rating'>, quirks: CcrcQuirks): string {
  const { xml } = new Tags(rating, quirks)
    .word('EH010I01', 'agency')
    .plain('EH010Q01', 'grade')
    .code('EH010D01', 'outlook', outlooks)
    .date('EH010R01', 'rated_on');
  return group('EH01', xml);
}
