import type { Clock } from '@causeway/kernel';
import type { Openings } from '@causeway/member/openings';
import type { Kysely } from 'kysely';
import type { AuthorityTables } from '../tables.ts';
import { comparePage } from './ledger-check.ts';
import type { Finding } from './pairing.ts';
import { type Position, heldLeaves, positionOf, storePage } from './repository.ts';

/** Asks a member for a page of its openings. */
export type AskOpenings = (
  member: string,
  page: { readonly from: number; readonly limit: number },
  signal: AbortSignal,
) => Promise<Openings>;

interface Reader {
  readonly db: Kysely<AuthorityTables>;
  readonly clock: Clock;
  readonly ask: AskOpenings;
  /** See `storePage`. */
  readonly gatheringMs: number;
}

const pageMax = 1000;
/** Pages in one round; what is left is read in the next. */
const pagesMax = 20;
/** Leaves before the position that are read again with each page. */
const overlap = 20;
/** Older leaves that are read again in each round, turn by turn. */
const againMax = 50;

/**
 * Reads what is new in a member's ledger, and a part of the old again. Returns what was not found before.
 * Throws what the call throws, and what makes a page no answer.
 */
export async function readLedger(reader: Reader, member: string, signal: AbortSignal): Promise<Finding[]> {
  const found: Finding[] = [];
  let position = await positionOf(reader.db, member);
  for (let page = 0; page < pagesMax && !signal.aborted; page += 1) {
    const from = Math.max(0, position.next - overlap);
    const read = await readPage(reader, position, { from, limit: pageMax }, signal);
    found.push(...read.fresh);
    position = read.position;
    if (read.toTheEnd || read.findings > 0) break;
  }
  if (position.next <= overlap) return found;
  const from = position.again >= position.next - overlap ? 0 : position.again;
  const limit = Math.min(againMax, position.next - overlap - from);
  const again = await readPage(reader, { ...position, again: from + limit }, { from, limit }, signal);
  return [...found, ...again.fresh];
}

async function readPage(
  { ask, clock, db, gatheringMs }: Reader,
  position: Position,
  asked: { from: number; limit: number },
  signal: AbortSignal,
) {
  const { member, next, size } = position;
  const askedMs = clock.now();
  const page = await ask(member, asked, signal);
  const held = await heldLeaves(db, member, {
    from: asked.from,
    to: Math.min(next, asked.from + asked.limit),
  });
  const compared = comparePage({ ...asked, member, next, size, held }, page);
  const toTheEnd = compared.next >= page.size;
  const seenMs = clock.now();
  // A tree that is smaller than what was read of it may grow again under indexes that are taken.
  const whole = compared.next === page.size;
  const through = whole ? askedMs - page.lag_ms : 0;
  const now = {
    ...position,
    next: compared.next,
    size: Math.max(size, page.size),
    read_at_ms: seenMs,
    read_through_ms: Math.max(position.read_through_ms ?? 0, through),
  };
  const fresh = await storePage(db, {
    was: position,
    now,
    fresh: compared.fresh,
    findings: compared.findings,
    seenMs,
    gatheringMs,
  });
  return { fresh, findings: compared.findings.length, position: now, toTheEnd };
}
