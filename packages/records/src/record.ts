import Type from 'typebox';
import type { Static } from 'typebox';
import { AccountEventRecordSchema } from './account-event.ts';
import { AccountRecordSchema } from './account.ts';
import { AnnotationRecordSchema } from './annotation.ts';
import { ConditionalRecordSchema } from './conditional.ts';
import { FacilityRecordSchema } from './facility.ts';
import { RatingRecordSchema, StatementRecordSchema } from './financials.ts';
import { InquiryRecordSchema } from './inquiry.ts';
import { LiabilityRecordSchema } from './liability.ts';
import { ObligationRecordSchema } from './obligation.ts';
import { PostpaidRecordSchema } from './postpaid.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';
import { PublicRecordSchema } from './public-record.ts';
import { RelationRecordSchema } from './relation.ts';
import { ScoreRecordSchema } from './score.ts';
import { WatchlistRecordSchema } from './watchlist.ts';

/** A profile of either kind of subject. It carries no identifier, no contact and no address. */
export const ProfileRecordSchema = Type.Union([PersonProfileSchema, EnterpriseProfileSchema]);

/** Each kind of record that is not a profile, by its name in `record`. */
export const plainRecordSchemas = {
  account: AccountRecordSchema,
  account_event: AccountEventRecordSchema,
  annotation: AnnotationRecordSchema,
  conditional: ConditionalRecordSchema,
  facility: FacilityRecordSchema,
  inquiry: InquiryRecordSchema,
  liability: LiabilityRecordSchema,
  obligation: ObligationRecordSchema,
  postpaid: PostpaidRecordSchema,
  public_record: PublicRecordSchema,
  rating: RatingRecordSchema,
  relation: RelationRecordSchema,
  score: ScoreRecordSchema,
  statement: StatementRecordSchema,
  watchlist: WatchlistRecordSchema,
} as const;

type PlainRecords = { [K in keyof typeof plainRecordSchemas]: Static<(typeof plainRecordSchemas)[K]> };

export type PlainRecordKind = keyof PlainRecords;
export type AccountRecord = PlainRecords['account'];
export type ObligationRecord = PlainRecords['obligation'];
export type InquiryRecord = PlainRecords['inquiry'];
export type ProfileRecord = Static<typeof ProfileRecordSchema>;
export type CreditRecord = PlainRecords[PlainRecordKind] | ProfileRecord;
/** The record of one kind, by its name in `record`. */
export type RecordOf<K extends CreditRecord['record']> = Extract<CreditRecord, { record: K }>;

/**
 * What a bureau discloses: exactly one of the record shapes, told apart by `record`. Nothing in it names the
 * subject; unknown members are refused.
 */
export const CreditRecordSchema = Type.Unsafe<CreditRecord>(
  Type.Union([...Object.values(plainRecordSchemas), PersonProfileSchema, EnterpriseProfileSchema]),
);
