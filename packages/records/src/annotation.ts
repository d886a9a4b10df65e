import Type from 'typebox';
import { CategorySchema } from './categories.ts';
import { MarkSchema, envelope } from './envelope.ts';
import { closed, OpaqueSchema } from './primitives.ts';

/**
 * A declaration of the subject, or a note of a provider or bureau, about the whole file or, by `about`, one
 * record of it. Its category is that of what it is about.
 */
export const AnnotationRecordSchema = Type.Object(
  {
    ...envelope,
    ...MarkSchema.properties,
    record: Type.Literal('annotation'),
    category: CategorySchema,
    about: Type.Optional(OpaqueSchema),
  },
  closed,
);
