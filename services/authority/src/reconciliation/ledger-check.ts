import type { Opening, Openings } from '@causeway/member/openings';
import type { Finding } from './pairing.ts';

/** A leaf as it was first read. */
export type Held = Omit<Opening, 'outcome'>;

/** What a page adds to what is known of a ledger. */
interface Compared {
  readonly findings: readonly Finding[];
  /** Leaves that were not read before. */
  readonly fresh: readonly Opening[];
  /** The index to read next: what is missing below it has been found out. */
  readonly next: number;
}

/** What was asked for, and what is known. */
interface Asked {
  readonly member: string;
  readonly from: number;
  readonly limit: number;
  /** The index that is read next; everything below was read before. */
  readonly next: number;
  /** The largest tree that was ever shown. */
  readonly size: number;
  /** What was read before, of the indexes asked for. */
  readonly held: ReadonlyMap<number, Held>;
}

/**
 * Compares a page with what was read of a ledger before: a leaf never changes or goes, indexes are dense, and
 * a tree never shrinks. @throws RangeError where the page is no answer to what was asked
 */
export function comparePage(asked: Asked, page: Openings): Compared {
  const { from, limit, member, next } = asked;
  const end = Math.min(from + limit, page.size);
  checkOrder(page.leaves, from, end);
  const came = new Map(page.leaves.map((leaf) => [leaf.idx, leaf]));
  const findings: Finding[] = [];
  if (page.size < asked.size) findings.push({ kind: 'ledger_shrank', member, index: page.size, ...unknown });
  for (const [idx, held] of asked.held) {
    const now = came.get(idx);
    if (now === undefined) findings.push({ ...ofHeld(member, held), kind: 'leaf_missing' });
    else if (!isSame(held, now)) findings.push({ ...ofHeld(member, held), kind: 'leaf_changed' });
  }
  findings.push(...gaps(member, Math.max(from, next), end, came));
  return {
    findings,
    fresh: page.leaves.filter(({ idx }) => idx >= next),
    next: Math.max(next, end),
  };
}

const unknown = { inquiry: null, use: null } as const;

function checkOrder(leaves: readonly Opening[], from: number, end: number): void {
  let least = from;
  for (const { idx } of leaves) {
    if (idx < least || idx >= end) throw new RangeError('a page of openings is not in order');
    least = idx + 1;
  }
}

/** The first index of every run that the page leaves out, of what was not read before. */
function gaps(member: string, from: number, end: number, came: ReadonlyMap<number, Opening>): Finding[] {
  const found: Finding[] = [];
  let expected = from;
  for (const idx of [...came.keys(), end]) {
    if (idx < expected) continue;
    if (idx > expected) found.push({ kind: 'leaf_missing', member, index: expected, ...unknown });
    expected = idx + 1;
  }
  return found;
}

const ofHeld = (member: string, { idx, inquiry, use }: Held) => ({ member, index: idx, inquiry, use });

const compared = ['digest', 'typ', 'inquiry', 'use', 'iss', 'aud', 'at_ms'] as const;
const isSame = (held: Held, now: Opening): boolean => compared.every((name) => held[name] === now[name]);
