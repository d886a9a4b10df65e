import { setTimeout as pause } from 'node:timers/promises';

import type { Clock } from '@causeway/kernel';
import {
  formatSignatures,
  formatWitnessRequest,
  isWitnessed,
  LedgerError,
  parseNote,
  parseSignatures,
  verifyCosignatures,
} from '@causeway/ledger';
import type { FederationClient, Log } from '@causeway/service';
import type pg from 'pg';

import { ledgerOrigin } from '../ledger/ledger-name.ts';
import { askInTurn } from './ask-in-turn.ts';
import { cosignersOf, keepCosignature } from './cosignature-store.ts';
import { quorumOf, witnessesFor } from './known-ledgers.ts';
import type { LedgerDirectory, WitnessMember } from './known-ledgers.ts';
import type { LedgerGuard } from './ledger-guard.ts';
import type { OwnCheckpoint, OwnTree } from './own-tree.ts';
import { addCheckpoint } from './witness-calls.ts';
import { witnessOrder } from './witness-order.ts';

interface Options {
  readonly fed: string;
  readonly member: string;
  readonly guard: LedgerGuard;
  readonly tree: OwnTree;
  readonly pool: pg.Pool;
  readonly federation: Pick<FederationClient, 'text'>;
  readonly latest: () => LedgerDirectory | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

const roundMsMin = 300;
const lateMs = 400;
const witnessesWanted = 2;
/** A witness tells once from which size it wants the proof. */
const triesMax = 2;

/** Gets the newest checkpoint of this node cosigned by others. */
export class Cosigning {
  /** What each witness has cosigned last, as far as this process knows. */
  private readonly sizes = new Map<string, number>();
  private startedAt = -roundMsMin;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
  }

  /** One round, no sooner than a while after the one before: what came meanwhile is cosigned with it. */
  async round(signal: AbortSignal): Promise<void> {
    const { clock, guard, tree } = this.options;
    const wait = this.startedAt + roundMsMin - clock.monotonic();
    if (wait > 0) await pause(wait, undefined, { signal });
    this.startedAt = clock.monotonic();
    await guard.check();
    const newest = await tree.newest();
    if (newest !== undefined && guard.maySign(newest.size)) await this.cosign(newest);
  }

  private async cosign(newest: OwnCheckpoint): Promise<void> {
    const { fed, latest, member, pool } = this.options;
    const view = latest();
    if (view === undefined) return;
    const cosigners = new Set(await cosignersOf(pool, newest.size));
    if (isWitnessed(cosigners, quorumOf(view, member))) return;
    const witnesses = witnessOrder(ledgerOrigin(fed, member), witnessesFor(view, member));
    const left = witnesses.filter((witness) => !cosigners.has(witness.member));
    // Any two make a quorum: the authority is one member only.
    const wanted = Math.max(1, witnessesWanted - cosigners.size);
    await askInTurn(left, async (witness) => await this.cosignedBy(witness, newest), { wanted, lateMs });
  }

  /** False, with a line in the log, where the witness does not answer or refuses. */
  private async cosignedBy(witness: WitnessMember, newest: OwnCheckpoint): Promise<boolean> {
    try {
      return await this.send(witness, newest);
    } catch (err) {
      this.options.log.warn({ event: 'not_cosigned', member: witness.member, size: newest.size, err });
      return false;
    }
  }

  private async send(witness: WitnessMember, newest: OwnCheckpoint): Promise<boolean> {
    const { federation, guard, tree } = this.options;
    const { member } = witness;
    for (let tries = 0; tries < triesMax; tries += 1) {
      const from = this.sizes.get(member) ?? guard.toldSize(member);
      if (from > newest.size) break;
      const proof = await tree.proof(from, newest.size);
      const answer = await addCheckpoint(federation, member, formatWitnessRequest(from, proof, newest.note));
      if (answer.outcome === 'cosigned') return await this.keep(witness, newest, answer.lines);
      if (answer.outcome === 'inconsistent') break;
      this.sizes.set(member, answer.size);
    }
    // It has seen more than this, or something else; another process of this node may have been faster.
    await guard.suspect(member);
    return false;
  }

  /** @throws LedgerError where the witness has not cosigned this checkpoint */
  private async keep({ member, key }: WitnessMember, newest: OwnCheckpoint, lines: string): Promise<boolean> {
    const { size, root, note: text } = newest;
    const note = { text: parseNote(text).text, signatures: parseSignatures(lines) };
    const [cosignature] = verifyCosignatures(note, [key]);
    if (cosignature === undefined) throw new LedgerError('signature_missing');
    const own = note.signatures.filter(({ name, id }) => name === key.name && id === key.id);
    const line = formatSignatures(own.slice(0, 1));
    await keepCosignature(this.options.pool, { size, witness: member, line, time_s: cosignature.time_s });
    this.sizes.set(member, Math.max(size, this.sizes.get(member) ?? 0));
    this.options.guard.noteWitnessed({ witness: member, size, root, text });
    return true;
  }
}
