/**
 * JSON in the one form that two parties can hash alike (RFC 8785): members sorted by their UTF-16 units, no
 * white space. For values whose only numbers are safe integers, which is all that statements and applications
 * have.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item)).join(',')}]`;
  // One text that grows, instead of lists of parts: it is made for every record that is published.
  let text = '';
  for (const name of Object.keys(value).toSorted()) {
    const member: unknown = Reflect.get(value, name);
    if (member === undefined) continue;
    const written = typeof member === 'string' ? JSON.stringify(member) : canonicalJson(member);
    text += `${text === '' ? '' : ','}${JSON.stringify(name)}:${written}`;
  }
  return `{${text}}`;
}
