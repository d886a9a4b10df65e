import { createHash } from 'node:crypto';

import { encodeStrict } from '@causeway/records/encodings';

import { nativeCall } from '../native-call.ts';
import type { NativeReply } from '../native-call.ts';
import { SourceFault } from '../source-fault.ts';
import type { Moment } from '../source.ts';
import { encryptContent } from './content-cipher.ts';
import type { NativeFields } from './native-fields.ts';
import { openReply } from './open-reply.ts';
import { gatewayTime, signedForm, writableJson } from './request-form.ts';
import type { ZhimaSettings } from './settings.ts';

/** One method of the gateway with what it is asked. */
export interface GatewayQuestion {
  readonly method: string;
  readonly productCode: string;
  readonly authToken?: string;
  /** Members of `biz_content` beside those that every method has. */
  readonly content: Readonly<Record<string, string>>;
}

/**
 * The one transaction of this inquiry with this method, 64 characters. A retry carries the same, and the
 * gateway answers it for 86,400 seconds with its first answer and without a second charge.
 */
export function transactionId(inquiry: string, method: string): string {
  return createHash('sha256').update(`${inquiry}\n${method}`).digest('hex');
}

/** Asks the gateway one question. @throws SourceFault */
export async function askGateway(
  settings: ZhimaSettings,
  question: GatewayQuestion,
  at: Moment,
): Promise<NativeFields | 'not_found'> {
  const { charset, timeoutMs, url } = settings;
  const reply = await nativeCall({
    ...{ url, method: 'POST', timeoutMs, signal: at.signal },
    headers: { 'content-type': `application/x-www-form-urlencoded;charset=${charset}` },
    body: signedForm(membersOf(settings, question, at), settings.appKey, charset),
  });
  return openReply(answered(reply), question.method, settings);
}

function membersOf(
  { aesKey, appId, charset }: ZhimaSettings,
  { authToken, content, method, productCode }: GatewayQuestion,
  at: Moment,
): Record<string, string> {
  const transaction_id = transactionId(at.inquiry, method);
  const json = writableJson({ transaction_id, product_code: productCode, ...content }, charset);
  return {
    ...{ app_id: appId, method, format: 'JSON', charset, sign_type: 'RSA2', version: '1.0' },
    timestamp: gatewayTime(at.nowMs),
    ...(authToken === undefined ? {} : { auth_token: authToken }),
    ...(aesKey === undefined
      ? { biz_content: json }
      : { encrypt_type: 'AES', biz_content: encryptContent(encodeStrict(json, charset), aesKey) }),
  };
}

/** The gateway says everything with 200; what comes with another status is from something before it. */
function answered({ body, status }: NativeReply): Buffer {
  if (status === 200) return body;
  if (status === 429) throw new SourceFault('rate_limited', 'too many calls', 'HTTP 429');
  if (status >= 500) throw new SourceFault('upstream_unavailable', 'no gateway', `HTTP ${status}`);
  throw new SourceFault('upstream_error', 'not an answer of the gateway', `HTTP ${status}`);
}
