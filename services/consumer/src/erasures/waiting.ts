import type { Kysely } from 'kysely';
import type { ConsumerTables } from '../tables.ts';
import { waitingByNode } from './deliveries.ts';

/** How many erasures wait for each node, as they were last counted: of whom is in no figure. */
export class ErasuresWaiting {
  #byNode = new Map<string, number>();

  readonly byNode = (): ReadonlyMap<string, number> => this.#byNode;

  /** A node that is waited for no more stands at 0, so that whoever watches sees the end. */
  async measure(db: Kysely<ConsumerTables>): Promise<void> {
    const none = [...this.#byNode.keys()].map((node) => [node, 0] as const);
    this.#byNode = new Map([...none, ...(await waitingByNode(db))]);
  }
}
