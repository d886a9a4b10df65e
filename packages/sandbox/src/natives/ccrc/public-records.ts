import type { RecordOf } from '@causeway/records';

import { writeMarks } from './marks.ts';
import type { CcrcQuirks } from './quirks.ts';
import { group, Tags } from './tags.ts';

type PublicRecord = RecordOf<'public_record'>;
type Kind = PublicRecord['kind'];
type Write = (tags: Tags, p: string, currency: string) => Tags;

const priced: Write = (tags, p, currency) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .amount(`${p}AJ01`, 'amount_claimed', currency)
    .date(`${p}AR01`, 'filed_on');

const judgment: Write = (tags, p, currency) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .plain(`${p}AQ05`, 'case_no')
    .date(`${p}AR01`, 'filed_on')
    .plain(`${p}AQ03`, 'result')
    .date(`${p}AR02`, 'decided_on')
    .amount(`${p}AJ01`, 'amount_claimed', currency)
    .kept(`${p}AD01`);

const enforcement: Write = (tags, p, currency) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .plain(`${p}AQ06`, 'case_no')
    .date(`${p}AR01`, 'filed_on')
    .plain(`${p}AQ03`, 'result')
    .date(`${p}AR02`, 'ended_on')
    .amount(`${p}AJ01`, 'amount_claimed', currency)
    .amount(`${p}AJ02`, 'amount_paid', currency)
    .kept(`${p}AD01`);

const penalty: Write = (tags, p, currency) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .plain(`${p}AQ02`, 'result')
    .plain(`${p}AQ04`, 'case_no')
    .amount(`${p}AJ01`, 'amount_claimed', currency)
    .date(`${p}AR01`, 'decided_on')
    .date(`${p}AR02`, 'ended_on');

const fund: Write = (tags, p) =>
  tags.date(`${p}AR01`, 'filed_on').date(`${p}AR03`, 'ended_on').kept(`${p}AR02`, `${p}AD01`, `${p}AR04`);

const aid: Write = (tags, p) =>
  tags.date(`${p}AR01`, 'filed_on').date(`${p}AR02`, 'decided_on').kept(`${p}AD01`, `${p}AR03`);

const licence: Write = (tags, p) =>
  tags
    .plain(`${p}AQ01`, 'result')
    .plain(`${p}AQ02`, 'authority')
    .plain(`${p}AQ03`, 'case_no')
    .date(`${p}AR01`, 'decided_on')
    .date(`${p}AR02`, 'ended_on')
    .kept(`${p}AD01`, `${p}AR03`);

const award: Write = (tags, p) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .plain(`${p}AQ02`, 'result')
    .date(`${p}AR01`, 'decided_on')
    .date(`${p}AR02`, 'ended_on');

const limit: Write = (tags, p, currency) =>
  tags
    .plain(`${p}AQ01`, 'authority')
    .amount(`${p}AJ01`, 'amount_claimed', currency)
    .amount(`${p}AJ02`, 'amount_paid', currency)
    .date(`${p}AR01`, 'decided_on')
    .date(`${p}AR02`, 'ended_on');

type Place = readonly [groupName: string, segment: string, write: Write];

const ofPersons: Partial<Record<Kind, Place>> = {
  tax_arrears: ['POT', 'PF01', priced],
  judgment: ['PCJ', 'PF02', judgment],
  enforcement: ['PCE', 'PF03', enforcement],
  penalty: ['PAP', 'PF04', penalty],
  housing_fund: ['PHF', 'PF05', fund],
  social_aid: ['PBS', 'PF06', aid],
  licence: ['PPQ', 'PF07', licence],
  award: ['PAH', 'PF08', award],
};

const ofEnterprises: Partial<Record<Kind, Place>> = {
  tax_arrears: ['EFA', 'EF01', priced],
  judgment: ['EFB', 'EF02', judgment],
  enforcement: ['EFB', 'EF08', enforcement],
  penalty: ['EFC', 'EF03', penalty],
  housing_fund: ['EFD', 'EF04', fund],
  licence: ['EFE', 'EF05', licence],
  award: ['EFE', 'EF09', award],
  customs_inspection: ['EFF', 'EF06', award],
  financing_limit: ['EFG', 'EF07', limit],
};

/** The group that a public record stands in, and the record written; undefined where it has no place. */
export function writePublicRecord(
  kind: 'person' | 'enterprise',
  record: PublicRecord,
  quirks: CcrcQuirks,
): readonly [string, string] | undefined {
  const place = (kind === 'person' ? ofPersons : ofEnterprises)[record.kind];
  if (place === undefined) return undefined;
  const [groupName, p, write] = place;
  const { xml } = write(new Tags(record, quirks), p, record.currency ?? 'CNY');
  // Even without a word about it: that there is one is a fact.
  return [groupName, `<${p}>${group(`${p}A`, xml)}${writeMarks(`${p}Z`, record.marks)}</${p}>`];
}
