import { nativeCall } from '../native-call.ts';
import { readReply, type TencentAnswer } from './reply.ts';
import type { TencentSettings } from './settings.ts';
import { tc3Authorization } from './sign.ts';

/** The circumstances of one request. */
export interface CallMoment {
  readonly nowMs: number;
  /** What the request is for, in the signed header that makes it unlike any other. */
  readonly reason: string;
  readonly signal: AbortSignal;
}

export type TencentCall = (action: string, body: object, at: CallMoment) => Promise<TencentAnswer>;

const service = 'af';
const version = '2020-02-26';
const timeoutMsDefault = 5_000;

/**
 * Sends signed requests. The protocol has no nonce, and takes a signature once: two questions about one
 * subject in one second would be one replay. So a header of ours, with a count, is signed with the others.
 * @throws SourceFault
 */
export function tencentCalls(settings: TencentSettings): TencentCall {
  let count = 0;
  return async (action, content, { nowMs, reason, signal }) => {
    count += 1;
    const seconds = Math.floor(nowMs / 1000);
    const body = Buffer.from(JSON.stringify(content));
    const headers = {
      'Content-Type': 'application/json; charset=utf-8',
      Host: settings.host,
      'X-Causeway-Call': `${reason}.${count}`,
      'X-TC-Action': action,
      'X-TC-Region': settings.region,
      'X-TC-Timestamp': String(seconds),
      'X-TC-Version': version,
    };
    const { secret_id: secretId, secret_key: secretKey } = settings;
    const authorization = tc3Authorization({ headers, body, service, seconds, secretId, secretKey });
    const reply = await nativeCall({
      url: settings.url,
      method: 'POST',
      headers: { ...headers, Authorization: authorization, 'Content-Length': String(body.length) },
      body,
      ...(settings.ca === undefined ? {} : { tls: { ca: settings.ca } }),
      timeoutMs: settings.timeout_ms ?? timeoutMsDefault,
      signal,
    });
    return readReply(reply);
  };
}
