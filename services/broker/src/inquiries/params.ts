import Type from 'typebox';

/** The inquiry's id as the lender chose it: its jti. Another spelling is simply not found. */
export const idParams = Type.Object(
  { id: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);
