import type { DisputeReason, Outcome, Words } from '@causeway/records/disputes/index';
import { json, send } from './http.ts';
import type { TokenClient } from './tokens.ts';

/** A dispute as its subject sees it. */
export interface SubjectDispute {
  readonly id: string;
  readonly bureau: string;
  readonly record: string;
  readonly reason: string;
  readonly state: string;
  readonly received_at: string;
  readonly due_at: string | null;
  readonly outcome?: Outcome;
  /** Where it stands or how it ended, in plain words. */
  readonly words: Words;
}

/** One of them with what was written and done. */
export interface WholeDispute extends SubjectDispute {
  readonly text: string;
  readonly timeline: readonly { readonly event: string; readonly at: string; readonly text?: string }[];
  readonly corrections: number;
}

/** What a subject disputes. */
export interface DisputedItem {
  readonly bureau: string;
  /** By the bureau's own id of it, as a report's sources name it, or by its source's. */
  readonly record: string;
  readonly reason: DisputeReason;
  readonly text: string;
  /** The same at further bureaus, each a dispute of its own. */
  readonly also?: readonly { readonly bureau: string; readonly record: string }[];
}

/** A subject's disputes at the consumer service, under a session. */
export class SubjectDisputes {
  readonly #base: string;
  readonly #session: string;

  constructor(consumerUrl: string, session: string) {
    this.#base = consumerUrl;
    this.#session = session;
  }

  /** Opens a dispute; the same key again is the same dispute. Whether the item is theirs, the bureau says. */
  async open(item: DisputedItem, key: string): Promise<string> {
    const more = { 'content-type': 'application/json', 'idempotency-key': key };
    return String((await this.#call('POST', '', JSON.stringify(item), more))['id']);
  }

  async list(): Promise<SubjectDispute[]> {
    return (await this.#call('GET', ''))['items'] as SubjectDispute[];
  }

  async show(id: string): Promise<WholeDispute> {
    return (await this.#call('GET', `/${encodeURIComponent(id)}`)) as unknown as WholeDispute;
  }

  async withdraw(id: string): Promise<WholeDispute> {
    const path = `/${encodeURIComponent(id)}/withdrawal`;
    return (await this.#call('POST', path)) as unknown as WholeDispute;
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    body?: string,
    more: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    const headers = { authorization: `Bearer ${this.#session}`, ...more };
    const url = `${this.#base}/v1/disputes${path}`;
    return json(await send({ method, url, headers, ...(body === undefined ? {} : { body }) }));
  }
}

/** A dispute as the bureau's own people see it. */
export interface DeskDispute {
  readonly id: string;
  readonly record: string;
  readonly reason: string;
  readonly provider: string | null;
  readonly state: string;
  readonly handler: string | null;
  readonly received_at: string;
  readonly due_at: string | null;
  readonly text?: string;
  readonly steps?: readonly { readonly event: string; readonly by: string; readonly at: string }[];
}

/** What can be done with a dispute, by the last part of its address. */
export const deskActs = [
  ...(['forwarding', 'answer', 'correction', 'deletion', 'finding', 'extension', 'stop'] as const),
  'resumption',
] as const;

export type DeskAct = (typeof deskActs)[number];

/** Who of the bureau's people acts, and what belongs to the act. */
interface DeskSaid {
  readonly by: string;
  readonly text?: string;
  /** Of a correction: the fields that are to be otherwise. */
  readonly set?: object;
  readonly outcome?: string;
  readonly reason?: string;
}

/** The desk at which a bureau handles disputes; only the bureau itself may. */
export class DisputeDesk {
  readonly #options: { tokens: Pick<TokenClient, 'headers'>; bureau: string; bureauUrl: string };

  constructor(options: { tokens: Pick<TokenClient, 'headers'>; bureau: string; bureauUrl: string }) {
    this.#options = options;
  }

  /** Open disputes, the least time left first. */
  async list(): Promise<DeskDispute[]> {
    return (await this.#call('GET', ''))['items'] as DeskDispute[];
  }

  async show(id: string): Promise<DeskDispute> {
    return (await this.#call('GET', `/${encodeURIComponent(id)}`)) as unknown as DeskDispute;
  }

  /** One act, with who of the bureau's people does it and what belongs to the act. */
  async act(id: string, act: DeskAct, said: DeskSaid): Promise<DeskDispute> {
    const path = `/${encodeURIComponent(id)}/${act}`;
    return (await this.#call('POST', path, said)) as unknown as DeskDispute;
  }

  async #call(method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>> {
    const { bureau, bureauUrl, tokens } = this.#options;
    const url = `${bureauUrl}/v1/disputes${path}`;
    const headers = await tokens.headers(bureau, 'disputes.handle', method, url);
    if (body === undefined) return json(await send({ method, url, headers }));
    const typed = { ...headers, 'content-type': 'application/json' };
    return json(await send({ method, url, headers: typed, body: JSON.stringify(body) }));
  }
}
