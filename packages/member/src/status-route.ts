import { limits } from '@causeway/kernel';
import { readUnverified, type Status } from '@causeway/protocol';
import type { ServiceContext, SubjectKeys } from '@causeway/service';
import Type from 'typebox';
import type { TProperties } from 'typebox';

import type { Node } from './node.ts';
import { requireRole } from './require-role.ts';
import { createStatusReceiver } from './status-receiver.ts';

const statement = (bytesMax: number) => Type.Optional(Type.String({ minLength: 1, maxLength: bytesMax }));

/** One of the two: what the consumer service stops, or what the authority takes away. */
const body = Type.Object(
  { status: statement(limits.statementBytesMax), directory: statement(limits.directoryBytesMax) },
  { additionalProperties: false, minProperties: 1, maxProperties: 1 },
);

/**
 * `POST /v1/status` on the federation listener: a stop is taken, and the answer is the ack. With `keys`, a
 * life of the subject begins here with the stop, by which a restored backup of it is told from a later one.
 * The stop does not wait for that.
 */
export function statusRoute<DB, P extends TProperties>(
  node: Node<DB>,
  context: ServiceContext<P>,
  keys?: Pick<SubjectKeys, 'all'>,
): void {
  const { clock, config, faults, log, random } = context;
  const { db, directory, federationApp: app, sequencer } = node;
  const receiver = createStatusReceiver({
    ...{ fed: config.fed, key: node.keyring.signing, clock, random, faults },
    ...{ db, directory, sequencer },
  });
  const bodyLimit = limits.directoryBytesMax + limits.statementBytesMax;
  app.post('/v1/status', { bodyLimit, schema: { tags: ['federation'], body } }, async (request) => {
    const { directory: head, status } = request.body;
    requireRole(directory.members(), request.peer, head === undefined ? 'consumer' : 'authority');
    if (head !== undefined) return { ack: await receiver.takeDirectory(head, request.peer) };
    const ack = await receiver.takeStatus(status ?? '', request.peer);
    // The receiver has verified it.
    const { subject_refs: refs } = readUnverified(status ?? '').claims as Status;
    keys?.all(refs).catch((err: unknown) => log.warn({ event: 'life_not_begun', err }));
    return { ack };
  });
}
