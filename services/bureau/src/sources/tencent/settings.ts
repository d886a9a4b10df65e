import Type from 'typebox';
import type { Static } from 'typebox';

const closed = { additionalProperties: false } as const;
const visible = (charsMax: number) => Type.String({ pattern: `^[!-~]{1,${charsMax}}$` });
const digits = Type.String({ pattern: '^[0-9]{1,20}$' });
const slug = '^[a-z0-9][a-z0-9_.-]{0,47}$';

/**
 * How a bureau reaches a Tencent-like system. Its replies are signed by nobody, so that only TLS keeps them
 * from being changed on the way: plain HTTP is for the loopback interface.
 */
export const TencentSettingsSchema = Type.Object(
  {
    source: Type.Literal('tencent'),
    url: Type.String({
      pattern: '^(https://[^/?#@]{1,253}|http://(127\\.0\\.0\\.1|localhost|\\[::1\\])(:[0-9]{1,5})?)/?$',
    }),
    /** The name that is signed, which may be another than that of the address. */
    host: Type.String({ pattern: '^[a-z0-9.-]{1,253}(:[0-9]{1,5})?$' }),
    /** PEM of the only authority that is believed; without it, those of the platform. */
    ca: Type.Optional(Type.String({ maxLength: 65_536 })),
    region: Type.String({ pattern: '^[a-z0-9-]{1,32}$' }),
    secret_id: visible(128),
    secret_key: visible(128),
    customer_uin: digits,
    customer_appid: digits,
    /** The business scene that was agreed. */
    scene: digits,
    /** How the resident's number is written when it is asked for. */
    id_crypto: Type.Enum(['plain', 'md5', 'sha256', 'sm3']),
    /** One question as a whole. */
    timeout_ms: Type.Optional(Type.Integer({ minimum: 50, maximum: 30_000 })),
    /** What a risk code stands for: no public list says so. */
    risk_types: Type.Optional(
      Type.Record(Type.String({ pattern: '^[0-9]{1,10}$' }), Type.String({ pattern: slug }), closed),
    ),
  },
  closed,
);

export type TencentSettings = Static<typeof TencentSettingsSchema>;
