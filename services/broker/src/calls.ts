import { limits } from '@causeway/kernel';
import { CausewayError, passkeyProofSchema, type PasskeyProof } from '@causeway/protocol';
import { GroupCommit, type ItemOutcome } from '@causeway/service';
import Type, { type Static } from 'typebox';

import type { Broker } from './broker.ts';

const text = Type.String();
const failed = Type.Object({ error: Type.Object({ code: text }) });

const granted = Type.Object({
  use: Type.Integer({ minimum: 1 }),
  grants: Type.Array(text),
  consent: Type.Optional(text),
  passkey: Type.Optional(passkeyProofSchema),
});
const grantAnswer = Type.Union([granted, Type.Object({ refusal: text }), failed]);
const disclosureAnswer = Type.Union([
  Type.Object({ disclosure: text }),
  Type.Object({ refusal: text }),
  failed,
]);

/** An inquiry to redeem, for all its nodes or for the named ones. */
interface GrantCall {
  readonly inquiry: string;
  readonly nodes?: readonly string[];
}
type GrantAnswer = Static<typeof grantAnswer>;

/** By what a passkey has signed the inquiry of its owner, or the consent to it. */
export interface SignedByPasskey {
  readonly consent?: string;
  readonly passkey: PasskeyProof;
}

/** An inquiry and a grant to present, until a moment of the monotonic clock. */
interface DisclosureCall {
  readonly inquiry: string;
  readonly grant: string;
  /** The bureau verifies it itself. */
  readonly signed?: SignedByPasskey | undefined;
  readonly endsMonotonicMs: number;
}
export type DisclosureAnswer = Static<typeof disclosureAnswer>;

/** Calls to other nodes, each shared by all inquiries that need it at the same time; answers are per item. */
export interface Calls {
  /** @throws CausewayError `unavailable` where the consumer service does not answer */
  readonly grants: GroupCommit<GrantCall, GrantAnswer>;
  /** One per bureau, behind its bulkhead. @throws CausewayError `unavailable`, `rate_limited` */
  readonly disclosures: (bureau: string) => GroupCommit<DisclosureCall, DisclosureAnswer>;
}

const grantMsMax = 5000;
/** How long one attempt at a bureau may take. */
export const askMsMax = 4000;
/** A failed call says nothing about the items in it: none is tried alone. */
const bounds = { waitingMax: 2000, isCommon: () => true } as const;

type Wire = Pick<Broker, 'federation' | 'clock' | 'bulkhead' | 'faults'> & { consumer: () => string };

export function callsOf(wire: Wire): Calls {
  const disclosures = new Map<string, GroupCommit<DisclosureCall, DisclosureAnswer>>();
  const run = async (items: readonly GrantCall[]) => await callGrants(wire, items);
  return {
    grants: new GroupCommit({ ...bounds, itemsMax: 32, lanes: 2, run }),
    disclosures: (bureau) => {
      const known = disclosures.get(bureau) ?? bureauCalls(wire, bureau);
      disclosures.set(bureau, known);
      return known;
    },
  };
}

function bureauCalls(wire: Wire, bureau: string): GroupCommit<DisclosureCall, DisclosureAnswer> {
  const run = async (items: readonly DisclosureCall[]) => await callDisclosures(wire, bureau, items);
  return new GroupCommit({ ...bounds, itemsMax: 16, lanes: 4, run });
}

async function callGrants(
  { consumer, federation }: Wire,
  items: readonly GrantCall[],
): Promise<ItemOutcome<GrantAnswer>[]> {
  const { results } = await federation.call({
    member: consumer(),
    method: 'POST',
    path: '/v1/grants',
    body: { items },
    schema: Type.Object({ results: Type.Array(grantAnswer, { maxItems: limits.batchItemsMax }) }),
    timeoutMs: grantMsMax,
  });
  return outcomes(items, results);
}

async function callDisclosures(
  { bulkhead, clock, federation }: Wire,
  bureau: string,
  items: readonly DisclosureCall[],
): Promise<ItemOutcome<DisclosureAnswer>[]> {
  const leftMs = Math.max(...items.map(({ endsMonotonicMs }) => endsMonotonicMs)) - clock.monotonic();
  const timeoutMs = Math.ceil(Math.min(askMsMax, leftMs));
  if (timeoutMs <= 0) throw new CausewayError('expired');
  const call = async (signal: AbortSignal) =>
    await federation.call({
      member: bureau,
      method: 'POST',
      path: '/v1/disclosures',
      body: { items: items.map(({ grant, inquiry, signed }) => ({ inquiry, grant, ...signed })) },
      schema: Type.Object({ results: Type.Array(disclosureAnswer, { maxItems: limits.batchItemsMax }) }),
      timeoutMs,
      maxBytes: items.length * (limits.disclosureBytesMax + limits.statementBytesMax),
      signal,
    });
  return outcomes(items, (await bulkhead(bureau).run(call, items.length)).results);
}

/** One answer per item, in the order of the items. */
function outcomes<A>(items: readonly unknown[], answers: readonly A[]): ItemOutcome<A>[] {
  if (answers.length !== items.length) {
    throw new CausewayError('unavailable', { internal: 'answers for another number of items' });
  }
  return answers.map((value) => ({ value }));
}
