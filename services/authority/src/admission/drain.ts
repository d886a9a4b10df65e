import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '@causeway/kernel';
import type { DirectoryView } from '@causeway/protocol/directory';
import { digestOf } from '@causeway/protocol/digest';
import { CausewayError } from '@causeway/protocol/errors';
import type { Ack } from '@causeway/protocol/statements/ack';
import { verify } from '@causeway/protocol/verify';
import type { FederationClient } from '@causeway/service/federation-client';
import type { Log } from '@causeway/service/log';
import { Type } from 'typebox';

/** Who has acknowledged that rights are taken away, node by node, and who has not yet. */
export interface Acknowledgements {
  readonly acknowledgements: readonly {
    readonly node: string;
    /** No grant or release for the member has a leaf at this size of the node's tree, or beyond. */
    readonly tree_size: number;
    readonly acked_at: string;
    /** The signed ack. */
    readonly ack: string;
  }[];
  /** They hear of it at their next poll of the directory. */
  readonly waiting: readonly string[];
}

interface Parts {
  readonly fed: string;
  readonly authority: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly federation: Pick<FederationClient, 'call'>;
}

/** Effective everywhere within this time: by the acks, or by each node's own poll. */
const boundMs = 10_000;
const attemptMsMax = 4000;
const pauseMs = 250;
const answer = Type.Object({ ack: Type.String() }, { additionalProperties: false });

/**
 * Sends the head that takes rights away to the brokers and the consumer service, which adopt it at once, let
 * those who work for the member come to an end, and acknowledge. Never throws for what is wrong with a node.
 */
export async function drainNodes(parts: Parts, view: DirectoryView): Promise<Acknowledgements> {
  const nodes = [...view.membersWith('broker'), ...view.membersWith('consumer')];
  const active = nodes.flatMap(({ endpoints, id, status }) =>
    status === 'active' && endpoints.federation !== undefined ? id : [],
  );
  const acks = await Promise.all(active.map(async (node) => await drainNode(parts, view, node)));
  return {
    acknowledgements: acks.flatMap((ack) => ack ?? []),
    waiting: active.filter((_, at) => acks[at] === undefined),
  };
}

async function drainNode(parts: Parts, view: DirectoryView, node: string) {
  const { clock, log } = parts;
  const endMs = clock.monotonic() + boundMs;
  for (let rest = boundMs; rest > 0; rest = endMs - clock.monotonic()) {
    try {
      return await ask(parts, view, node, Math.min(attemptMsMax, Math.ceil(rest)));
    } catch (err) {
      if (!(err instanceof CausewayError)) throw err;
      log.warn({ event: 'directory_not_acknowledged', node, code: err.code });
    }
    await pause(pauseMs);
  }
  return undefined;
}

async function ask(
  { authority, clock, fed, federation }: Parts,
  view: DirectoryView,
  node: string,
  timeoutMs: number,
) {
  const { head } = view.evidence;
  const { ack } = await federation.call({
    ...{
      member: node,
      method: 'POST',
      path: '/v1/status',
      body: { directory: head },
      schema: answer,
      timeoutMs,
    },
  });
  const { claims } = verify('ack', ack, {
    ...{ keys: view.keys, fed, nowMs: clock.now(), audience: authority, issuer: node, received: 'forwarded' },
  });
  requireFor(claims, head);
  return { node, tree_size: claims.tree_size, acked_at: new Date(clock.now()).toISOString(), ack };
}

function requireFor({ status }: Ack, head: string): void {
  if (status !== digestOf(head)) throw new CausewayError('link_mismatch', { pointer: '/status' });
}
