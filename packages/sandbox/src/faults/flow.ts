import type { Socket } from 'node:net';
import type { Conditions } from './conditions.ts';

/** Trickling bytes pass in pieces of this much time; more waiting bytes than this hold the sender up. */
const STEP_MS = 20;
const WAITING_BYTES_MAX = 262_144;

interface Piece {
  readonly bytes: Buffer;
  readonly dueAt: number;
}

/**
 * One direction of one connection: bytes come from `from`, wait as the conditions of the moment say, and go
 * to `to` in their order. The end of the stream waits behind them.
 */
export class Flow {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #conditions: () => Conditions;
  readonly #random: () => number;
  #waiting: Piece[] = [];
  #waitingBytes = 0;
  #lastDue = 0;
  #freeAt = 0;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, conditions: () => Conditions, random: () => number) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    this.#random = random;
    to.on('drain', () => this.move());
  }

  take(bytes: Buffer): void {
    const { jitterMs = 0, latencyMs = 0 } = this.#conditions();
    const due = performance.now() + latencyMs + this.#random() * jitterMs;
    this.#lastDue = Math.max(this.#lastDue, due);
    this.#waiting.push({ bytes, dueAt: this.#lastDue });
    this.#waitingBytes += bytes.length;
    this.move();
  }

  /** No more bytes will come: the other side is told behind those that wait. */
  end(): void {
    this.#ended = true;
    this.move();
  }

  /** Passes on what may go now, and comes again when the next may; also called when conditions change. */
  move(): void {
    clearTimeout(this.#timer);
    const waitMs = this.#pass();
    if (waitMs !== undefined) this.#timer = setTimeout(() => this.move(), waitMs);
    const full = this.#waitingBytes > WAITING_BYTES_MAX || this.#to.writableNeedDrain;
    if (full) this.#from.pause();
    else this.#from.resume();
    if (this.#ended && this.#waiting.length === 0 && !this.#conditions().blackHole) this.#to.end();
  }

  /** What waits here is lost. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Milliseconds until more may pass; undefined where only an event can change that. */
  #pass(): number | undefined {
    for (;;) {
      const [next] = this.#waiting;
      const { blackHole = false, bytesPerSecond } = this.#conditions();
      if (!next || blackHole || this.#to.writableNeedDrain || !this.#to.writable) return undefined;
      const now = performance.now();
      const dueAt = bytesPerSecond === undefined ? next.dueAt : Math.max(next.dueAt, this.#freeAt);
      if (dueAt > now) return Math.ceil(dueAt - now);
      const size = pieceOf(next.bytes, bytesPerSecond);
      this.#send(next, size);
      if (bytesPerSecond !== undefined) this.#freeAt = now + (size / bytesPerSecond) * 1000;
    }
  }

  #send(next: Piece, size: number): void {
    if (size === next.bytes.length) this.#waiting.shift();
    else this.#waiting[0] = { ...next, bytes: next.bytes.subarray(size) };
    this.#waitingBytes -= size;
    this.#to.write(next.bytes.subarray(0, size));
  }
}

function pieceOf(bytes: Buffer, perSecond: number | undefined): number {
  if (perSecond === undefined) return bytes.length;
  return Math.min(bytes.length, Math.max(1, Math.floor((perSecond * STEP_MS) / 1000)));
}
