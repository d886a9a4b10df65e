import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@causeway/kernel';
import { openingsBytesMax, parseOpenings, readOpenings } from '@causeway/member/openings';
import { type DirectoryView, nodesIn } from '@causeway/protocol/directory';
import type { MemberEntry } from '@causeway/protocol/member-entry';
import type { Database } from '@causeway/service/database';
import { type Timer, every } from '@causeway/service/every';
import type { FederationClient } from '@causeway/service/federation-client';
import { openLead } from '@causeway/service/lead';
import type { Log } from '@causeway/service/log';
import { Type } from 'typebox';
import type { AuthorityTables } from '../tables.ts';
import { judgeDue } from './judge-due.ts';
import type { Finding, Reading } from './pairing.ts';
import { type AskOpenings, readLedger } from './read-ledger.ts';
import { type Position, allPositions } from './repository.ts';

/** Who is who, of the directory. */
type Members = Pick<DirectoryView, 'member' | 'membersWith'>;

interface ReconcilerDeps extends Pick<Database<AuthorityTables>, 'db' | 'pool'> {
  /** The authority's own id: its ledger is read where it is. */
  readonly authority: string;
  readonly directory: { readonly latest: () => Members | undefined };
  readonly federation: Pick<FederationClient, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long a leg may lack another before that is an alarm, milliseconds. */
  readonly graceMs: number;
  /** Between two rounds. */
  readonly periodMs?: number;
}

/** Any number that all services of the code agree on; locks are per database. */
const reconcilerLock = 0x7265636f;
const periodMsUsual = 1000;
const callMsMax = 5000;
/** A round waits so long for the ledgers; a slower one is judged by what was read of it before. */
const roundMs = 800;
/** What a suspended member recorded before it was read for the last time is not waited for longer. */
const suspendedMs = 60_000;

/**
 * Reads every member's openings and pairs the legs of inquiries, on one replica at a time. What a member's
 * errors hold up is that member's ledger only.
 */
export function startReconciler(deps: ReconcilerDeps): Timer {
  const lead = openLead(deps.pool, reconcilerLock);
  const readings = new Readings(deps);
  const round = async (signal: AbortSignal): Promise<void> => {
    const view = deps.directory.latest();
    if (view === undefined || !(await lead.held())) return;
    await readings.round(nodesIn(view), signal);
    // Positions first: the legs up to there are stored.
    const reading = readingOf(view, await allPositions(deps.db), deps.clock.now() - deps.graceMs);
    const { closed, found } = await judgeDue(deps.db, reading, deps.clock.now());
    tell(deps.log, found);
    tell(deps.log, closed, false);
  };
  const timer = every('reconciler', deps.periodMs ?? periodMsUsual, round, deps);
  return {
    kick: () => timer.kick(),
    stop: async () => {
      await timer.stop();
      await readings.ended();
      lead.release();
    },
  };
}

/** The ledgers that are being read. */
class Readings {
  readonly #deps: ReconcilerDeps;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #failing = new Set<string>();

  constructor(deps: ReconcilerDeps) {
    this.#deps = deps;
  }

  /** Begins with every ledger that is not being read yet, and waits for all, but not for long. */
  async round(keepers: readonly MemberEntry[], signal: AbortSignal): Promise<void> {
    for (const { endpoints, id, status } of keepers) {
      if (this.#underWay.has(id) || status !== 'active' || endpoints.federation === undefined) continue;
      const reading = this.#read(id, signal).finally(() => this.#underWay.delete(id));
      this.#underWay.set(id, reading);
    }
    const enough = new AbortController();
    const over = pause(roundMs, undefined, { signal: enough.signal }).catch(() => undefined);
    await Promise.race([this.ended(), over]);
    enough.abort();
  }

  async ended(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  async #read(member: string, signal: AbortSignal): Promise<void> {
    const { clock, db, graceMs, log } = this.#deps;
    const reader = { db, clock, ask: this.#ask, gatheringMs: graceMs / 2 };
    try {
      tell(log, await readLedger(reader, member, signal));
      if (this.#failing.delete(member)) log.info({ event: 'ledger_read_again', member });
    } catch (err) {
      // Once, not each second: the state of the reconciliation says how far it is behind.
      if (!signal.aborted && !this.#failing.has(member)) log.warn({ event: 'ledger_not_read', member, err });
      this.#failing.add(member);
    }
  }

  readonly #ask: AskOpenings = async (member, page, signal) => {
    const { authority, clock, federation, pool } = this.#deps;
    if (member === authority) return await readOpenings(pool, clock, page);
    const answer = await federation.call({
      ...{ member, method: 'GET', path: `/v1/leaves?from=${page.from}&limit=${page.limit}` },
      ...{ schema: Type.Unknown(), timeoutMs: callMsMax, maxBytes: openingsBytesMax, signal },
    });
    // By a compiled schema: pages are long, and come every second.
    return parseOpenings(answer);
  };
}

/** How far the ledgers have been read, by the directory and the positions. */
function readingOf(view: Members, positions: readonly Position[], patientSinceMs: number): Reading {
  const known = new Map(positions.map((position) => [position.member, position]));
  return {
    rolesOf: (member) => view.member(member)?.roles ?? [],
    readThrough: (role, ms) =>
      view.membersWith(role).every(({ id, status }) => {
        const position = known.get(id);
        if (status === 'active') return (position?.read_through_ms ?? 0) > ms;
        return position === undefined || isPast(position, ms);
      }),
    patientSinceMs,
  };
}

/** A suspended member's ledger is not read any more. */
function isPast({ read_at_ms: readAt, read_through_ms: through }: Position, ms: number): boolean {
  return readAt === null || (through ?? 0) > ms || ms > readAt + suspendedMs;
}

function tell(log: Log, found: readonly Finding[], alarm = true): void {
  for (const { index, inquiry, kind, member, use } of found) {
    const leg = { member, index, digest: inquiry, use };
    log.error({ event: 'reconciliation_alarm', alarm, reason: kind, ...leg });
  }
}
