import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP } from 'node:net';
import { guardedLookup, refusesAddress } from './public-address.ts';

const timeoutMs = 5000;
const answerBytesMax = 64 * 1024;

/**
 * Posts a body to an app of a person's choice, once. It connects to public addresses only (and to this
 * machine where `loopback` says so), follows nothing, and reads no more of the answer than it must. Throws
 * where the app does not take it: an answer but 2xx, too late, too large, or an address that is not to be
 * called.
 */
export async function postWebhook(
  target: string,
  message: { readonly headers: Record<string, string>; readonly body: string },
  loopback: boolean,
): Promise<void> {
  const url = new URL(target);
  const host = url.hostname.replaceAll(/^\[|\]$/gu, '');
  if (isIP(host) !== 0 && refusesAddress(host, loopback)) throw new Error('an address that is not public');
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  const { promise, reject, resolve } = Promise.withResolvers<IncomingMessage>();
  const sent = request(
    url,
    {
      method: 'POST',
      agent: false,
      lookup: guardedLookup(loopback),
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        ...message.headers,
        'content-type': 'application/json',
        'content-length': String(Buffer.byteLength(message.body)),
        'user-agent': 'causeway-consumer',
      },
    },
    resolve,
  );
  sent.on('error', reject);
  sent.end(message.body);
  await finished(await promise);
}

async function finished(answer: IncomingMessage): Promise<void> {
  const { statusCode = 0 } = answer;
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += (chunk as Buffer).length;
    if (bytes > answerBytesMax) throw new Error('an answer that is too large');
  }
  if (statusCode < 200 || statusCode > 299) throw new Error(`status ${statusCode}`);
}
