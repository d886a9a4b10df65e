/** A member at any depth of a record. `path` is dotted; a value is here where it is a text or a number. */
export interface Member {
  readonly path: string;
  readonly parent: string;
  readonly name: string;
  readonly text?: string;
  readonly number?: number;
}

/** Every member of a value, at whatever depth; the members of a list have its name. */
export function membersOf(value: unknown, parent = '', listName?: string): Member[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => {
    const name = listName ?? key;
    const path = parent === '' ? key : `${parent}.${key}`;
    const own: Member = {
      ...{ path, parent, name },
      ...(typeof member === 'string' ? { text: member } : {}),
      ...(typeof member === 'number' ? { number: member } : {}),
    };
    return [own, ...membersOf(member, path, Array.isArray(member) ? name : undefined)];
  });
}

/** The money bands of a value, at whatever depth. */
export function bandsOf(
  value: unknown,
  parent = '',
): { readonly path: string; readonly lower: string; readonly upper: string | undefined }[] {
  if (typeof value !== 'object' || value === null) return [];
  const { lower_minor: lower, upper_minor: upper } = value as { lower_minor?: string; upper_minor?: string };
  const own = lower === undefined ? [] : [{ path: parent, lower, upper }];
  const inside = Object.entries(value).flatMap(([key, member]) =>
    bandsOf(member, parent === '' ? key : `${parent}.${key}`),
  );
  return [...own, ...inside];
}
