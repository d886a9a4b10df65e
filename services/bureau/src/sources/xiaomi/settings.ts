import Type from 'typebox';
import type { Static } from 'typebox';

const closed = { additionalProperties: false } as const;

/** Its answers carry no signature, so that only TLS says whose they are; plain HTTP stays on this machine. */
const addressPattern = '^(https://|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:|/|$))[!-~]{0,500}$';

const points = Type.Integer({ minimum: 0, maximum: 10_000 });

/** What a bureau's settings file says of a Xiaomi-like native system. */
export const XiaomiSettingsSchema = Type.Object(
  {
    source: Type.Literal('xiaomi'),
    /** Up to and without `/openapi/credit/query`, no slash at its end. */
    url: Type.String({ pattern: addressPattern }),
    partner_id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,64}$' }),
    /** The key that both sides add to what they sign. */
    key: Type.String({ pattern: '^[!-~]{8,128}$' }),
    /** PEM of the only authority whose certificate is believed; without it those of the platform. */
    ca: Type.Optional(Type.String({ minLength: 1, maxLength: 65_536 })),
    /** The range of the score, which the answer does not say: 300 to 850, or 300 to 900. */
    score_range: Type.Object({ min: points, max: points }, closed),
    /** Who lends what the answer lists; the answer names no lender. */
    lender_ref: Type.String({ pattern: '^[!-~]{1,64}$' }),
    /** For one question; 5 s without it. */
    timeout_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 30_000 })),
    /** Where the nightly files lie: what is read of loans while the system says that it is busy. */
    nightly: Type.Optional(
      Type.Object(
        {
          folder: Type.String({ minLength: 1, maxLength: 500 }),
          /** An older file is not used; 3 days without it. */
          age_days_max: Type.Optional(Type.Integer({ minimum: 0, maximum: 31 })),
        },
        closed,
      ),
    ),
  },
  closed,
);

export type XiaomiSettings = Static<typeof XiaomiSettingsSchema>;
