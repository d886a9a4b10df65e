import { Readable } from 'node:stream';

import type { FastifyReply } from 'fastify';

/** One event of `text/event-stream` (HTML, section 9.2). Neither id nor name may hold a line break. */
export function eventChunk(id: string | number, event: string, data: object): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * Sends what `follow` yields as server-sent events, until it ends or the reader is gone. Its signal aborts
 * when the reader is gone or `stopping` does. A reader that takes nothing for as long as a stream may live at
 * most loses its connection.
 */
export function eventStream(
  reply: FastifyReply,
  streamMsMax: number,
  follow: (signal: AbortSignal) => AsyncIterable<string>,
  stopping?: AbortSignal,
): FastifyReply {
  const gone = new AbortController();
  const overdue = setTimeout(() => reply.raw.destroy(), streamMsMax + closingMs).unref();
  reply.raw.once('close', () => {
    clearTimeout(overdue);
    gone.abort();
  });
  const signal = stopping === undefined ? gone.signal : AbortSignal.any([gone.signal, stopping]);
  // Or an idle connection would hold up the close of the service behind the end of the stream.
  return reply
    .type('text/event-stream')
    .header('connection', 'close')
    .send(Readable.from(follow(signal)));
}

/** Behind the end of the stream: what was written may still be on its way. */
const closingMs = 30_000;
