import { CausewayError } from '@causeway/protocol';
import type { App } from '@causeway/service';
import Type from 'typebox';

import type { Witness } from './witness.ts';

/** A checkpoint, its signatures and a proof of 63 hashes take a tenth of it. */
const bodyLimit = 65_536;
const noteType = 'text/plain; charset=utf-8';
const origin = Type.String({ minLength: 1, maxLength: 256 });
const querystring = Type.Object({ origin }, { additionalProperties: false });

/**
 * `POST /witness/add-checkpoint` (C2SP tlog-witness). It asks for no token and no certificate: what it goes
 * by is the ledger's signature. Where the listener knows its peer, it says so.
 */
export function addCheckpointRoute(app: App, witness: Witness): void {
  const config = { consumes: ['text/plain'] };
  const options = { bodyLimit, config, schema: { tags: ['witness'] } };
  app.post('/witness/add-checkpoint', options, async (request, reply) => {
    const { body } = request;
    if (!(body instanceof Uint8Array)) throw new CausewayError('bad_request');
    const peer: unknown = Reflect.get(request, 'peer');
    const answer = await witness.addCheckpoint(body, typeof peer === 'string' ? peer : undefined);
    reply.serializer((text: string) => text);
    if ('cosignatures' in answer) return await reply.type(noteType).send(answer.cosignatures);
    return await reply.code(409).type('text/x.tlog.size').send(`${answer.staleSize}\n`);
  });
}

/** `GET /witness/seen?origin=`: the newest note seen of an origin, ours and not of the specification. */
export function seenRoute(app: App, witness: Witness): void {
  app.get('/witness/seen', { schema: { tags: ['witness'], querystring } }, async (request, reply) => {
    const note = await witness.seen(request.query.origin);
    reply.serializer((text: string) => text);
    return await reply.type(noteType).send(note);
  });
}
