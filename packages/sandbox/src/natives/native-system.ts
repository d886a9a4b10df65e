import type { CreditRecord } from '@causeway/records';
import type { SandboxSubject } from '../people/persons.ts';

/** What a native system of the sandbox knows of one subject, before it writes it its own way. */
export interface Holding {
  readonly subject: SandboxSubject;
  readonly records: readonly CreditRecord[];
}

/** A bureau's roster entry: whom its native system knows, and by what. */
export interface RosterEntry {
  readonly scheme: SandboxSubject['identifier']['scheme'];
  readonly id: string;
  readonly name?: string;
  readonly handle?: string;
}

/** A native system that somebody else owns, played over real sockets in its real wire format. */
export interface NativeSystem {
  /** What the bureau's settings file says of it: its address, its keys, whose format it speaks. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly roster: readonly RosterEntry[];
  stop(): Promise<void>;
}
