import Type from 'typebox';
import type { Static } from 'typebox';
import { AccountRecordSchema } from './account.ts';
import { InquiryRecordSchema } from './inquiry.ts';
import { ObligationRecordSchema } from './obligation.ts';
import { EnterpriseProfileSchema, PersonProfileSchema } from './profile.ts';

/** A profile of either kind of subject. It carries no identifier, no contact and no address. */
export const ProfileRecordSchema = Type.Union([PersonProfileSchema, EnterpriseProfileSchema]);

/**
 * What a bureau discloses: exactly one of the record shapes, told apart by `record`. Nothing in it names the
 * subject; unknown members are refused.
 */
export const CreditRecordSchema = Type.Union([
  AccountRecordSchema,
  ObligationRecordSchema,
  InquiryRecordSchema,
  PersonProfileSchema,
  EnterpriseProfileSchema,
]);

export type AccountRecord = Static<typeof AccountRecordSchema>;
export type ObligationRecord = Static<typeof ObligationRecordSchema>;
export type InquiryRecord = Static<typeof InquiryRecordSchema>;
export type ProfileRecord = Static<typeof ProfileRecordSchema>;
export type CreditRecord = Static<typeof CreditRecordSchema>;
