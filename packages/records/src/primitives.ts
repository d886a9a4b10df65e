import { datePattern, monthPattern } from '@causeway/kernel';
import Type from 'typebox';
import type { Static } from 'typebox';

/** Refuse what a schema does not name: every object of the model is built with this. */
export const closed = { additionalProperties: false } as const;

/** An amount that cannot be negative (a balance, a limit): minor units as a decimal string, never a float. */
export const MinorSchema = Type.String({ pattern: '^(0|[1-9][0-9]{0,17})$', title: 'amount in minor units' });

/** ISO 4217 alphabetic code. */
export const CurrencySchema = Type.String({ pattern: '^[A-Z]{3}$', title: 'ISO 4217 code' });

/** An amount that can be negative, as in a financial statement: minor units. */
export const SignedMinorSchema = Type.String({
  pattern: '^(0|-?[1-9][0-9]{0,17})$',
  title: 'amount in minor units, also below zero',
});

/** An amount with its own currency, where the record has none. */
export const MoneySchema = Type.Object(
  { amount_minor: MinorSchema, currency: CurrencySchema },
  { ...closed, title: 'amount with its currency' },
);

/**
 * An amount of which the source tells only the band, both ends in minor units; no `upper_minor` means no
 * upper end. `native_code` is the source's name for it: 'M05'.
 */
export const MoneyBandSchema = Type.Object(
  {
    lower_minor: MinorSchema,
    upper_minor: Type.Optional(MinorSchema),
    lower_open: Type.Boolean(),
    upper_open: Type.Boolean(),
    currency: CurrencySchema,
    native_code: Type.String({ pattern: '^[!-~]{1,32}$' }),
  },
  { ...closed, title: 'band of amounts' },
);

export type MoneyBand = Static<typeof MoneyBandSchema>;

/** Parts in a million: 250000 is a quarter. */
export const PpmSchema = Type.Integer({ minimum: 0, maximum: 1_000_000_000, title: 'parts in a million' });

/** Text for people, in any script, on one line. */
export const TextSchema = Type.String({ pattern: '^[^\\p{C}\\p{Zl}\\p{Zp}]{1,1000}$', title: 'text' });

/** A full calendar date, 'YYYY-MM-DD'. */
export const DateSchema = Type.String({ pattern: datePattern, title: 'date' });

/** 'YYYY-MM'. */
export const MonthSchema = Type.String({ pattern: monthPattern, title: 'month' });

/** A date in the precision of its source: 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'. */
export const PDateSchema = Type.String({
  pattern: '^[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?$',
  title: 'date, as precise as its source',
});

/** An identifier that means something only at its source: printable ASCII, no space at either end. */
export const OpaqueSchema = Type.String({ pattern: '^[!-~]([ -~]{0,126}[!-~])?$', title: 'reference' });

/** A code of a small vocabulary of the source, already in lower case: 'consumer_loan', 'gold'. */
export const SlugSchema = Type.String({
  pattern: '^[a-z0-9][a-z0-9_.-]{0,47}$',
  title: 'word of a vocabulary',
});

/** SHA-256, as everywhere in the exchange: 'sha-256:' and 43 characters of base64url. */
export const DigestSchema = Type.TemplateLiteral('sha-256:${string}', {
  pattern: '^sha-256:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$',
  title: 'SHA-256 digest',
});

/** A member of the federation. */
export const MemberIdSchema = Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' });

/** Why a value is not there. A missing value is never a zero. */
export const AbsenceSchema = Type.Enum([
  'not_reported',
  'not_applicable',
  'unknown_at_source',
  'withheld_policy',
  'withheld_consent',
  'withheld_freeze',
  'expired',
]);

export type Absence = Static<typeof AbsenceSchema>;
