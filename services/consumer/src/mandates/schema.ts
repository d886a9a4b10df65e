import { uuidv7Pattern } from '@causeway/kernel';
import { powers } from '@causeway/protocol';
import { digestSchema, exact, purposesSchema, timeSchema } from '@causeway/protocol/claim-types';
import Type, { type Static } from 'typebox';

/** What somebody calls somebody else: one plain line, checked where it is taken. */
export const nameSchema = Type.String({ minLength: 1, maxLength: 40 });

const powersSchema = Type.Array(Type.Enum([...powers]), { minItems: 1, uniqueItems: true });

/** As it is shown to the person and typed in by them: no letters that look like others. */
const codePattern = '^[2-9A-HJKMNP-Z]{12}$';

/** What a person entrusts to whoever has shown them the code, for so many days. */
export const entrusting = {
  code: Type.String({ pattern: codePattern }),
  /** How the person calls the other one. */
  name: nameSchema,
  powers: powersSchema,
  purposes: Type.Optional(purposesSchema),
  days: Type.Integer({ minimum: 1, maximum: 366 }),
};
export type Entrusting = Static<ReturnType<typeof exact<typeof entrusting>>>;

const common = {
  fed: Type.String({ maxLength: 39 }),
  iat: timeSchema,
  /** The act's id: each counts once. */
  jti: Type.String({ pattern: uuidv7Pattern }),
};
const identity = exact({
  scheme: Type.Enum(['gb11643', 'passport', 'gb32100']),
  value: Type.String({ maxLength: 32 }),
});

/**
 * What two officers of this service sign. Persons are named by their verified numbers, which the service
 * alone turns into references; the act is kept sealed. `ground` minor ends with the ward's majority.
 */
export const guardianshipActSchema = Type.Union([
  exact({
    ...common,
    act: Type.Literal('guardianship'),
    ward: identity,
    guardian: identity,
    /** How each is called before the other. */
    names: exact({ ward: nameSchema, guardian: nameSchema }),
    ground: Type.Enum(['minor', 'incapacity']),
    powers: powersSchema,
    purposes: Type.Optional(purposesSchema),
    valid_until: timeSchema,
    /** Digest of the paper that both have seen. */
    paper: digestSchema,
  }),
  exact({
    ...common,
    act: Type.Literal('end_guardianship'),
    mandate: Type.String({ pattern: uuidv7Pattern }),
  }),
]);
export type GuardianshipAct = Static<typeof guardianshipActSchema>;
