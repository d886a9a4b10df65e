import type { FindingNote } from '../source.ts';
import { SourceFault } from '../source-fault.ts';

const notesMax = 64;

/** The notes of one finding: each field and word once, and never more than a log line can hold. */
export class Notes {
  private readonly held = new Map<string, FindingNote>();

  add(field: string, what: FindingNote['what']): void {
    // The name of an unknown member comes from outside: only what looks like a name is repeated.
    const name = /^[A-Za-z_][\w.]{0,63}$/u.test(field) ? field : '?';
    if (this.held.size < notesMax) this.held.set(`${name} ${what}`, { field: name, what });
  }

  list(): FindingNote[] {
    return [...this.held.values()];
  }
}

/**
 * One native object, read member by member. What nobody asked for is dropped with a note: a gateway may add
 * members, and none of them leaves this bureau before somebody has decided what it means.
 */
export class NativeFields {
  private readonly members: ReadonlyMap<string, unknown>;
  private readonly unread: Set<string>;

  /** @throws SourceFault `upstream_error` where it is no object */
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misshapen('an object');
    this.members = new Map(Object.entries(value));
    this.unread = new Set(this.members.keys());
  }

  /** Undefined where it is missing, '' where it is there and says nothing; an integer as its digits. */
  text(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'string') return value;
    if (value === null) return '';
    if (typeof value === 'number') return String(value);
    throw misshapen(name);
  }

  /** Undefined where it is missing, 'unknown' where it is there and says nothing. */
  flag(name: string): boolean | 'unknown' | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === 'boolean') return value;
    if (value === null || value === '') return 'unknown';
    if (value === 'true' || value === 'T') return true;
    if (value === 'false' || value === 'F') return false;
    throw misshapen(name);
  }

  list(name: string, itemsMax: number): readonly unknown[] | undefined {
    const value = this.take(name);
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value) || value.length > itemsMax) throw misshapen(name);
    return value as readonly unknown[];
  }

  /** Members that are known and carry nothing a finding needs. */
  skip(...names: readonly string[]): this {
    for (const name of names) this.unread.delete(name);
    return this;
  }

  /** Notes what nobody has read. */
  done(notes: Notes): void {
    for (const name of this.unread) notes.add(name, 'dropped');
  }

  private take(name: string): unknown {
    this.unread.delete(name);
    return this.members.get(name);
  }
}

/** What came cannot be read as what it should be; `what` is a name of ours. */
export function misshapen(what: string): SourceFault {
  return new SourceFault('upstream_error', `the answer is not usable at ${what}`);
}
