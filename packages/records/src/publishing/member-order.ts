/** Combinations of members that are remembered; a file has few. */
const templatesMax = 64;
/** Members whose combination fits into the bits of one number. */
const bitsMax = 52;

/**
 * Objects with these members in the order of their names, which is the order in which they are hashed. An
 * object that many members are added to one by one becomes a hash table, several times as large and as slow:
 * so each is the copy of one that has them all.
 */
export class MemberOrder {
  readonly #names: readonly string[];
  readonly #templates = new Map<number, Template>();

  constructor(names: Iterable<string>) {
    this.#names = [...new Set(names)].toSorted();
  }

  /** The place of a member among the values. */
  at(name: string): number {
    return this.#names.indexOf(name);
  }

  /** The values of an object in their places; undefined where it has no such member. */
  values(object: Readonly<Record<string, unknown>>): unknown[] {
    return this.#names.map((name) => object[name]);
  }

  /** The object that has the values that are not undefined. */
  object(values: readonly unknown[]): Record<string, unknown> {
    const { names, places, sample } = this.#template(values);
    const out = { ...sample };
    for (let n = 0; n < names.length; n += 1) out[names[n] ?? ''] = values[places[n] ?? 0];
    return out;
  }

  #template(values: readonly unknown[]): Template {
    if (this.#names.length > bitsMax) return templateOf(this.#names, values);
    let members = 0;
    for (const value of values) members = 2 * members + (value === undefined ? 0 : 1);
    const known = this.#templates.get(members);
    if (known !== undefined) return known;
    if (this.#templates.size >= templatesMax) this.#templates.clear();
    const template = templateOf(this.#names, values);
    this.#templates.set(members, template);
    return template;
  }
}

interface Template {
  readonly names: readonly string[];
  readonly places: readonly number[];
  readonly sample: Readonly<Record<string, unknown>>;
}

function templateOf(all: readonly string[], values: readonly unknown[]): Template {
  const places = [...all.keys()].filter((at) => values[at] !== undefined);
  const names = places.map((at) => all[at] ?? '');
  // What is parsed is no hash table, however many members it has.
  const sample = JSON.parse(JSON.stringify(Object.fromEntries(names.map((name) => [name, null])))) as object;
  return { names, places, sample: sample as Record<string, unknown> };
}
