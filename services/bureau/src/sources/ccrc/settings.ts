import Type from 'typebox';
import type { Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const pem = (what: string) => Type.String({ pattern: `^-----BEGIN [A-Z ]*${what}-----`, maxLength: 65_536 });

/**
 * How a bureau reaches the registry. `url` is the address of its query endpoint; `sign_key` signs requests
 * and `answer_key` is what answers are checked with. Without an answer key the certificate authority in
 * `tls.ca` is all that vouches for an answer. `pseudonym_key` (32 bytes, base64url) turns numbers of third
 * parties into references; another key gives other references. `own_reason` is the query reason that was
 * agreed for what persons ask about themselves, disputes included: the format lists none.
 */
export const CcrcSettingsSchema = Type.Object(
  {
    source: Type.Literal('ccrc'),
    url: Type.String({ pattern: '^https://[^?#\\s]+$', maxLength: 512 }),
    org_code: Type.String({ pattern: '^[0-9A-Z]{6,20}$' }),
    operator: Type.String({ pattern: '^[!-~]{1,40}$' }),
    sign_key: pem('PRIVATE KEY'),
    answer_key: Type.Optional(pem('PUBLIC KEY')),
    tls: Type.Object({ cert: pem('CERTIFICATE'), key: pem('PRIVATE KEY'), ca: pem('CERTIFICATE') }, closed),
    pseudonym_key: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    own_reason: Type.Optional(Type.String({ pattern: '^[0-9A-Z]{2}$' })),
    /** For one question as a whole. */
    timeout_ms: Type.Optional(Type.Integer({ minimum: 100, maximum: 15_000 })),
  },
  closed,
);

export type CcrcSettings = Static<typeof CcrcSettingsSchema>;
