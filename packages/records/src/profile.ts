import Type from 'typebox';
import { envelope } from './envelope.ts';
import { closed, MoneySchema, PDateSchema, SlugSchema } from './primitives.ts';

const country = Type.String({ pattern: '^[A-Z]{2}$' });

/** A natural person: never a name, an identifier, a contact or an address. */
export const PersonProfileSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('profile'),
    category: Type.Enum(['IDENTITY', 'EMPLOYMENT']),
    kind: Type.Literal('person'),
    birth_date: Type.Optional(PDateSchema),
    sex: Type.Optional(Type.Enum(['female', 'male', 'unknown'])),
    nationality: Type.Optional(country),
    marital_status: Type.Optional(SlugSchema),
    education: Type.Optional(SlugSchema),
    degree: Type.Optional(SlugSchema),
    employment_status: Type.Optional(SlugSchema),
    occupation: Type.Optional(SlugSchema),
    industry: Type.Optional(SlugSchema),
  },
  closed,
);

/** An enterprise. Codes of size and industry are the source's (GB/T 4754 for industry where it has it). */
export const EnterpriseProfileSchema = Type.Object(
  {
    ...envelope,
    record: Type.Literal('profile'),
    category: Type.Literal('IDENTITY'),
    kind: Type.Literal('enterprise'),
    org_type: Type.Optional(SlugSchema),
    economic_type: Type.Optional(SlugSchema),
    size: Type.Optional(SlugSchema),
    industry: Type.Optional(SlugSchema),
    founded: Type.Optional(PDateSchema),
    licence_expires: Type.Optional(PDateSchema),
    status: Type.Optional(SlugSchema),
    registered_capital: Type.Optional(MoneySchema),
  },
  closed,
);
