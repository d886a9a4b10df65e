/** A rule between the members of a statement, which a schema cannot say. */
export interface ClaimRule<C> {
  /** JSON pointer to the member at fault. */
  readonly pointer: string;
  /** Public: completes "<member> …". */
  readonly says: string;
  readonly holds: (claims: C) => boolean;
}

export const rule = <C>(pointer: string, says: string, holds: (claims: C) => boolean): ClaimRule<C> => ({
  pointer,
  says,
  holds,
});
