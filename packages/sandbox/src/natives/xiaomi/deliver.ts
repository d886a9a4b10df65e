import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';

import type { XiaomiQuirks } from './quirks.ts';

/** Sends a reply as the quirks want it delivered. Ends by itself when the other side has gone. */
export async function deliver(response: ServerResponse, reply: Uint8Array, quirks: XiaomiQuirks) {
  const type = 'application/json; charset=GBK';
  const length = quirks.delivery === 'endless' ? {} : { 'content-length': reply.length };
  response.writeHead(quirks.status ?? 200, { 'content-type': type, ...length });
  if (quirks.delivery === undefined) response.end(reply);
  else if (quirks.delivery === 'cut') {
    response.write(reply.subarray(0, Math.ceil(reply.length / 2)), () => response.destroy());
  } else if (quirks.delivery === 'drip') await drip(response, reply);
  else await withoutEnd(response);
}

async function drip(response: ServerResponse, reply: Uint8Array): Promise<void> {
  for (let at = 0; at < reply.length && !response.destroyed; at += 1) {
    response.write(reply.subarray(at, at + 1));
    await pause(20);
  }
  response.end();
}

/** A gigabyte, should anybody read it all. */
async function withoutEnd(response: ServerResponse): Promise<void> {
  const block = Buffer.alloc(1 << 20, '{"retCode":"0000","data":"');
  await pipeline(Readable.from(Array<Buffer>(1024).fill(block)), response);
}
