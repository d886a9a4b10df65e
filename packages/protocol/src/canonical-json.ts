/**
 * JSON in the one form that two parties can hash alike (RFC 8785): members sorted by their UTF-16 units, no
 * white space. For values whose only numbers are safe integers, which is all that statements and applications
 * have.
 */
export function canonicalJson(value: unknown): string {
  // Of what is sorted as it is, the language's own writer makes the same text several times as fast.
  if (isSorted(value)) return JSON.stringify(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  let text = '';
  for (const name of Object.keys(value).toSorted()) {
    const member: unknown = Reflect.get(value, name);
    if (member === undefined) continue;
    const written = typeof member === 'string' ? JSON.stringify(member) : canonicalJson(member);
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${written}`;
  }
  return `{${text}}`;
}

/** True where the members of every object in a value stand in the order of their names. */
function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before = '';
  for (const [name, member] of Object.entries(value)) {
    if (name < before || !isSorted(member)) return false;
    before = name;
  }
  return true;
}
