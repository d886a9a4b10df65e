import { seconds } from '@causeway/kernel';
import type { Clock } from '@causeway/kernel';
import {
  cosign,
  formatNote,
  formatSignatures,
  LedgerError,
  parseWitnessRequest,
  verifyNote,
} from '@causeway/ledger';
import type { NoteSigner, WitnessRequest } from '@causeway/ledger';
import { CausewayError } from '@causeway/protocol';
import type { Log } from '@causeway/service';
import type pg from 'pg';

import { judge } from './judgement.ts';
import type { SeenCheckpoint } from './judgement.ts';
import { ledgerOf } from './known-ledgers.ts';
import type { LedgerDirectory, MemberLedger } from './known-ledgers.ts';
import { raiseAlarm } from './ledger-alarms.ts';
import { readSeen, swapSeen } from './witness-store.ts';

/** What add-checkpoint decides: signature lines, or the size from which a proof is wanted. */
export type WitnessAnswer = { readonly cosignatures: string } | { readonly staleSize: number };

export interface Witness {
  /**
   * Cosigns a checkpoint that follows from the newest one seen of its ledger. `peer` is the member that sent
   * it, where that is known.
   * @throws CausewayError bad_request (400), not_found for an unknown origin (404), checkpoint_unsigned
   *   (403), checkpoint_inconsistent (422); not_ready before a directory is held
   */
  addCheckpoint(body: Uint8Array, peer?: string): Promise<WitnessAnswer>;
  /** The newest note seen of an origin. @throws CausewayError not_found */
  seen(origin: string): Promise<string>;
}

interface Options {
  readonly pool: pg.Pool;
  readonly signer: NoteSigner;
  /** The newest directory held, past its expiry too: a ledger's growth is witnessed at any time. */
  readonly latest: () => LedgerDirectory | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** Another process may cosign in between; whoever loses judges anew, and is stale at the next try. */
const triesMax = 4;

/** The witness that every node is for the others (C2SP tlog-witness). */
export function createWitness(options: Options): Witness {
  const remembered = new Map<string, SeenCheckpoint>();
  return {
    addCheckpoint: async (body, peer) => {
      const request = readRequest(body);
      const ledger = requireSigned(request, options.latest());
      const known = remembered.get(ledger.origin);
      const answer =
        (known && (await cosignNext(options, request, ledger, known))) ??
        (await decide(options, request, ledger, peer));
      if ('next' in answer) remembered.set(ledger.origin, answer.next);
      return answer;
    },
    seen: async (origin) => {
      const seen = await readSeen(options.pool, origin);
      if (seen === undefined) throw new CausewayError('not_found');
      return seen.note;
    },
  };
}

interface Cosigned {
  readonly cosignatures: string;
  readonly next: SeenCheckpoint;
}

/**
 * The common case in one statement: the checkpoint follows from the one that this process cosigned last, and
 * that is still the newest. Undefined where it is anything else, about which nothing is decided here.
 */
async function cosignNext(
  options: Options,
  request: WitnessRequest,
  ledger: MemberLedger,
  known: SeenCheckpoint,
): Promise<Cosigned | undefined> {
  if (judge(request, known).outcome !== 'cosign') return undefined;
  return await keepAndSign(options, request, ledger, known);
}

async function decide(
  options: Options,
  request: WitnessRequest,
  ledger: MemberLedger,
  peer: string | undefined,
): Promise<Cosigned | { readonly staleSize: number }> {
  for (let tries = 0; tries < triesMax; tries += 1) {
    const seen = await readSeen(options.pool, ledger.origin);
    const { outcome, isFork } = judge(request, seen);
    const byOperator = peer === ledger.member;
    if (isFork || (outcome === 'inconsistent' && byOperator)) {
      await keepEvidence(options, ledger, seen, received(request, ledger));
    }
    if (outcome === 'stale') return { staleSize: seen?.size ?? 0 };
    if (outcome === 'inconsistent') throw new CausewayError('checkpoint_inconsistent');
    const cosigned = await keepAndSign(options, request, ledger, seen);
    if (cosigned !== undefined) return cosigned;
  }
  throw new CausewayError('unavailable', { internal: 'another process was faster each time' });
}

/** Undefined where another process was faster. */
async function keepAndSign(
  { clock, pool, signer }: Options,
  request: WitnessRequest,
  ledger: MemberLedger,
  seen: SeenCheckpoint | undefined,
): Promise<Cosigned | undefined> {
  const next = received(request, ledger);
  if (!(await swapSeen(pool, ledger.origin, seen, { ...next, atMs: clock.now() }))) return undefined;
  return { cosignatures: formatSignatures([cosign(request.note.text, signer, seconds(clock))]), next };
}

/**
 * Two trees of one size under one key speak for themselves, whoever brings them. A proof that does not hold
 * speaks against the ledger only where its operator sent it: anybody can put a wrong one beside a checkpoint.
 */
async function keepEvidence(
  { pool, clock, log }: Options,
  { origin, member }: MemberLedger,
  seen: SeenCheckpoint | undefined,
  got: SeenCheckpoint,
): Promise<void> {
  const detail = { seen: seen?.note ?? null, got: got.note };
  const isNew = await raiseAlarm(pool, { kind: 'split_view', origin, detail }, clock.now());
  if (!isNew) return;
  const reason = 'a signed checkpoint contradicts the one seen before; both are in ledger_alarm';
  log.error({ event: 'split_view', alarm: true, member, size: got.size, reason });
}

function readRequest(body: Uint8Array): WitnessRequest {
  try {
    return parseWitnessRequest(body);
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CausewayError('bad_request', { detail: error.publicDetail, cause: error });
  }
}

function requireSigned(request: WitnessRequest, view: LedgerDirectory | undefined): MemberLedger {
  if (view === undefined) throw new CausewayError('not_ready');
  const ledger = ledgerOf(view, request.checkpoint.origin);
  if (ledger === undefined) throw new CausewayError('not_found');
  try {
    verifyNote(request.note, ledger.keys);
    return ledger;
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new CausewayError('checkpoint_unsigned', { cause: error });
  }
}

const received = (request: WitnessRequest, ledger: MemberLedger): SeenCheckpoint => ({
  size: request.checkpoint.size,
  root: request.checkpoint.root,
  note: signedBy(request, ledger),
});

/** The note as it is kept: with its ledger's signature, without what others wrote under it. */
function signedBy({ note }: WitnessRequest, { keys }: MemberLedger): string {
  const signatures = note.signatures.filter(({ name, id }) =>
    keys.some((key) => key.name === name && key.id === id),
  );
  return formatNote({ text: note.text, signatures });
}
