import { Type, type Static, type TProperties } from 'typebox';
import { datePattern, limits, uuidv7Pattern } from '@causeway/kernel';
import { CategorySchema, PurposeSchema } from '@causeway/records';
import { digestPattern, hash43Pattern, type Digest } from './digest.ts';
import { errorTable, type ErrorCode } from './error-table.ts';

/** An object that holds exactly its members: an unknown one is refused. */
export const exact = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** A list without repeats. */
const distinct = { uniqueItems: true } as const;

export const digestSchema = Type.Unsafe<Digest>({ type: 'string', pattern: digestPattern });

/** A member's id. Never reused. `any` and `all` mean something else in an audience. */
export const memberIdSchema = Type.String({ pattern: '^(?!(?:any|all)$)[a-z][a-z0-9-]{1,38}$' });

/** Seconds since the Unix epoch. */
export const timeSchema = Type.Integer({ minimum: 0, maximum: 4_102_444_800 });

const epochPattern = '[0-9a-z]{1,8}';
/** The key under which a subject reference was computed; another key is another epoch. */
export const epochSchema = Type.String({ pattern: `^${epochPattern}$` });

/** `s1.<epoch>.<32 bytes in base64url>`: what every service knows a subject by. */
export const subjectRefPattern = `^s1\\.${epochPattern}\\.${hash43Pattern}$`;
export const subjectRefSchema = Type.String({ pattern: subjectRefPattern });

/** A code that national policy lists for acting without consent. */
export const codeSchema = Type.String({ pattern: '^[A-Z][A-Z0-9_]{1,39}$' });
export const categoriesSchema = Type.Array(CategorySchema, { minItems: 1, maxItems: 32, ...distinct });
export const purposesSchema = Type.Array(PurposeSchema, { minItems: 1, maxItems: 32, ...distinct });
export const bureausSchema = Type.Array(memberIdSchema, {
  minItems: 1,
  maxItems: limits.bureausMax,
  ...distinct,
});

/** Ids of policy rules and obligations, and names of policy versions. */
export const ruleIdSchema = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$' });
export const ruleIdsSchema = Type.Array(ruleIdSchema, { maxItems: 64 });

export const dateSchema = Type.String({ pattern: datePattern });

/** A length of calendar time, years to days (ISO 8601): 'P6M'. */
export const durationSchema = Type.String({
  pattern: '^P(?=[0-9])([0-9]{1,3}Y)?([0-9]{1,3}M)?([0-9]{1,4}D)?$',
});

export const useSchema = Type.Integer({ minimum: 1 });
export const versionSchema = Type.Integer({ minimum: 1 });
export const errorCodeSchema = Type.Unsafe<ErrorCode>({ type: 'string', enum: Object.keys(errorTable) });

/** How the subject's will was proved. */
export const strengthSchema = Type.Enum(['passkey', 'idp', 'assisted']);

/** What every statement carries, beside `aud`. */
export const commonClaims = {
  /** Statement version. */
  v: Type.Literal(1),
  /** Federation id: a sandbox statement is nothing in production. */
  fed: Type.String({ pattern: '^[a-z][a-z0-9-]{1,38}$' }),
  /** The member that signs; owns the key that `kid` names. */
  iss: memberIdSchema,
  /** UUIDv7; also the id of what the statement creates. */
  jti: Type.String({ pattern: uuidv7Pattern }),
  iat: timeSchema,
  exp: timeSchema,
  /** 128 random bits in base64url, so that a digest says nothing about the content. */
  salt: Type.String({ pattern: '^[A-Za-z0-9_-]{21}[AQgw]$' }),
};

/** Addressed to one member. */
export const toOne = { aud: memberIdSchema };

/** Addressed to several members, each once. */
export const toMany = {
  aud: Type.Array(memberIdSchema, { minItems: 1, maxItems: limits.bureausMax + 2, ...distinct }),
};

export type CommonClaims = Static<ReturnType<typeof exact<typeof commonClaims>>> & {
  readonly aud: string | readonly string[];
};
