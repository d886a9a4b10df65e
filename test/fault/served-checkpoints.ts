import {
  appendLeaves,
  consistencyProof,
  entryOf,
  frontierOf,
  LedgerError,
  leafHash,
  parseCheckpoint,
  parseNote,
  verifyConsistency,
} from '@causeway/ledger';
import type { ReadNode } from '@causeway/ledger';
import type { Federation } from '@causeway/sandbox/federation';
import { queryDatabase } from '../e2e/rows.ts';

const LOOK_MS = 400;

interface Served {
  readonly size: number;
  readonly root: Uint8Array;
}

/** Whatever nodes serve as their checkpoint while something happens to them, as anybody could collect it. */
export class ServedCheckpoints {
  readonly #federation: Federation;
  readonly #members: readonly string[];
  readonly #seen = new Map<string, Map<string, Served>>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(federation: Federation) {
    this.#federation = federation;
    this.#members = ['authority', 'consumer', 'broker', ...federation.card.bureaus];
    this.#timer = setInterval(() => {
      this.#looking = Promise.allSettled(this.#members.map((member) => this.#look(member)));
    }, LOOK_MS);
  }

  /** Looks for the last time. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#members.map((member) => this.#look(member)));
  }

  /** How many different ones each node has served. */
  counts(): number[] {
    return [...this.#seen.values()].map((each) => each.size);
  }

  /** Every pair of a node's checkpoints that no proof makes one ledger. */
  async contradictions(): Promise<string[]> {
    const found = this.#members.map(async (member) => {
      const all = [...(this.#seen.get(member)?.values() ?? [])].toSorted((a, b) => a.size - b.size);
      const read = await this.#nodesOf(member);
      const pairs = all.flatMap((older, at) => all.slice(at + 1).map((newer) => [older, newer] as const));
      return pairs
        .filter(([older, newer]) => !isOne(older, newer, read))
        .map(([older, newer]) => `${member} ${older.size} ${newer.size}`);
    });
    return (await Promise.all(found)).flat();
  }

  async #look(member: string): Promise<void> {
    const answer = await fetch(`${this.#federation.url(member)}/ledger/checkpoint`);
    if (!answer.ok) return;
    const { text } = parseNote(await answer.text());
    const seen = this.#seen.get(member) ?? new Map<string, Served>();
    this.#seen.set(member, seen.set(text, parseCheckpoint(text)));
  }

  async #nodesOf(member: string): Promise<ReadNode> {
    const text = 'SELECT digest FROM leaf ORDER BY idx';
    const rows = await queryDatabase<{ digest: string }>(this.#federation, member, text);
    const leaves = rows.map(({ digest }) => leafHash(entryOf(digest)));
    const { nodes } = appendLeaves(frontierOf(0, []), leaves);
    const hashes = new Map(nodes.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
    return (level, index) => hashes.get(`${level}/${index}`);
  }
}

function isOne(older: Served, newer: Served, read: ReadNode): boolean {
  const sizes = { oldSize: older.size, newSize: newer.size };
  const proof = consistencyProof(older.size, newer.size, read);
  try {
    verifyConsistency({ ...sizes, oldRoot: older.root, newRoot: newer.root, proof });
    return true;
  } catch (error) {
    if (error instanceof LedgerError) return false;
    throw error;
  }
}
