import type { Clock } from '@causeway/kernel';
import { parseCheckpoint, parseNote } from '@causeway/ledger';
import type { FederationClient, Log } from '@causeway/service';
import type pg from 'pg';

import { ledgerOrigin } from '../ledger/ledger-name.ts';
import { witnessesFor } from './known-ledgers.ts';
import type { LedgerDirectory } from './known-ledgers.ts';
import { closeAlarm, openAlarms, raiseAlarm } from './ledger-alarms.ts';
import type { OwnTree } from './own-tree.ts';
import { askSeen } from './witness-calls.ts';

/**
 * `unknown`: no witness has told yet what it saw of this node. `behind`: the database has less than was
 * witnessed, or another history. Checkpoints are signed, and grants given, only while `clear`.
 */
export type LedgerStanding = 'unknown' | 'clear' | 'behind';

interface Options {
  readonly fed: string;
  readonly member: string;
  readonly tree: OwnTree;
  readonly pool: pg.Pool;
  readonly federation: Pick<FederationClient, 'text'>;
  readonly latest: () => LedgerDirectory | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** A signed checkpoint of this node that somebody else holds. */
interface Witnessed {
  readonly witness: string;
  readonly size: number;
  readonly root: Uint8Array;
  readonly text: string;
}

const whatToDo =
  'the database has less than a witness saw of this ledger, or another history: bring it forward to this ' +
  'size or beyond from a newer copy or its write-ahead log; until then nothing is signed';

/** Compares a node's ledger with what witnesses have of it: a database that was put back signs nothing. */
export class LedgerGuard {
  private state: LedgerStanding = 'unknown';
  private against: Witnessed | undefined;
  private highest: Witnessed | undefined;
  private readonly told = new Map<string, number>();
  private readonly origin: string;
  private readonly options: Options;

  constructor(options: Options) {
    this.options = options;
    this.origin = ledgerOrigin(options.fed, options.member);
  }

  standing(): LedgerStanding {
    return this.state;
  }

  /** Whether a checkpoint, of this size where it is known, may be signed now. */
  maySign(size?: number): boolean {
    if (size !== undefined && this.highest !== undefined && size < this.highest.size)
      this.latch(this.highest);
    return this.state === 'clear';
  }

  /** The size that a witness told at the start, or 0. */
  toldSize(witness: string): number {
    return this.told.get(witness) ?? 0;
  }

  /** A checkpoint has been cosigned: below it this process signs nothing any more. */
  noteWitnessed(witnessed: Witnessed): void {
    if (witnessed.size > (this.highest?.size ?? 0)) this.highest = witnessed;
  }

  /** Asks the witnesses if none has told yet, and looks whether a database that was behind has caught up. */
  async check(): Promise<void> {
    if (this.state === 'unknown') await this.askAll();
    else if (this.against !== undefined) await this.lookAgain(this.against);
  }

  /** A witness refuses a checkpoint: it is believed where it shows one that this node has signed. */
  async suspect(witness: string): Promise<void> {
    const shown = await this.ask(witness);
    if (shown !== undefined && !(await this.isOurs(shown))) this.latch(shown);
  }

  /** All at once, and what those say counts who answer; one is enough. */
  private async askAll(): Promise<void> {
    const view = this.options.latest();
    if (view === undefined) return;
    const witnesses = witnessesFor(view, this.options.member);
    const asked = await Promise.allSettled(witnesses.map(async ({ member }) => await this.ask(member)));
    const answers = asked.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    if (answers.length === 0 && witnesses.length > 0) return;
    for (const shown of answers) {
      if (shown === undefined) continue;
      this.told.set(shown.witness, shown.size);
      if (!(await this.isOurs(shown))) return this.latch(shown);
      this.noteWitnessed(shown);
    }
    await this.clear();
  }

  private async ask(witness: string): Promise<Witnessed | undefined> {
    const view = this.options.latest();
    if (view === undefined) return undefined;
    const shown = await askSeen(this.options.federation, { view, member: witness, origin: this.origin });
    return shown === undefined ? undefined : { ...shown, witness };
  }

  private async lookAgain(against: Witnessed): Promise<void> {
    if (await this.isOurs(against)) await this.clear();
    else await this.keepEvidence(against);
  }

  private async isOurs({ size, root }: Pick<Witnessed, 'size' | 'root'>): Promise<boolean> {
    const own = await this.options.tree.rootAt(size);
    return own !== undefined && Buffer.from(own).equals(root);
  }

  private async clear(): Promise<void> {
    const { log } = this.options;
    await this.closeMended();
    if (this.state === 'behind') log.info({ event: 'ledger_behind', alarm: false, size: this.against?.size });
    this.against = undefined;
    this.state = 'clear';
  }

  /** Closes what this process or one before it has raised, where the ledger holds that checkpoint again. */
  private async closeMended(): Promise<void> {
    const { clock, pool } = this.options;
    for (const { id, detail } of await openAlarms(pool, { kind: 'rollback', origin: this.origin })) {
      const { size, root } = parseCheckpoint(parseNote(String(detail['seen'])).text);
      if (!(await this.isOurs({ size, root }))) continue;
      await closeAlarm(pool, id, clock.now(), 'the ledger holds the checkpoint that the witness showed');
    }
  }

  /** The evidence is written at the next check, and again until it is there. */
  private latch(against: Witnessed): void {
    if (this.state === 'behind') return;
    this.state = 'behind';
    this.against = against;
    const { size, witness } = against;
    this.options.log.error({ event: 'ledger_behind', alarm: true, size, member: witness, reason: whatToDo });
  }

  private async keepEvidence({ witness, size, text }: Witnessed): Promise<void> {
    const { clock, pool, tree } = this.options;
    const newest = await tree.newest();
    const detail = { witness, size, seen: text, own: newest?.note ?? null };
    await raiseAlarm(pool, { kind: 'rollback', origin: this.origin, detail }, clock.now());
  }
}
