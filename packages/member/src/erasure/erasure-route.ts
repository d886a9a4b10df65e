import { limits } from '@causeway/kernel';
import type { ServiceContext, SubjectKeys } from '@causeway/service';
import Type from 'typebox';
import type { TProperties } from 'typebox';

import type { Node } from '../node.ts';
import { requireRole } from '../require-role.ts';
import { takeErasure } from './erasure-receiver.ts';
import type { KeptHere } from './restriction.ts';

const body = Type.Object(
  { erasure: Type.String({ minLength: 1, maxLength: limits.statementBytesMax }) },
  { additionalProperties: false },
);

/**
 * `POST /v1/erasures` on the federation listener: a subject is erased, and the answer is the ack; or it is
 * refused, where this node knows of no restriction or must still keep something.
 */
export function erasureRoute<DB, P extends TProperties>(
  node: Node<DB>,
  context: ServiceContext<P>,
  { keptHere, keys }: { readonly keys: SubjectKeys; readonly keptHere: KeptHere<DB> },
): void {
  const { clock, config, faults, log, random } = context;
  const { db, directory, federationApp: app, sequencer } = node;
  const parts = { fed: config.fed, key: node.keyring.signing, clock, random, faults, log, keptHere };
  app.post('/v1/erasures', { schema: { tags: ['federation'], body } }, async (request) => {
    requireRole(directory.members(), request.peer, 'consumer');
    const { erasure } = request.body;
    return { ack: await takeErasure({ ...parts, db, keys, directory, sequencer }, erasure, request.peer) };
  });
}
