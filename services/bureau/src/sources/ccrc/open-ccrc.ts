import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';

import type { Clock } from '@causeway/kernel';

import { nativeCall } from '../native-call.ts';
import type { Finding, NativeSource, SourceHealth } from '../source.ts';
import { SourceFault } from '../source-fault.ts';
import { queryReason } from './inquiries.ts';
import { pseudonymsUnder } from './pseudonyms.ts';
import { readReply } from './reply.ts';
import { questionOf } from './request.ts';
import type { CcrcSettings } from './settings.ts';

const timeoutMsDefault = 8000;

/** Faults of a question, not of the source: the next one may well be answered. */
const ofTheQuestion = new Set(['not_authorised', 'consent_invalid']);

/**
 * The central registry behind its query front-end. A purpose without a query reason is refused here, before
 * anything is sent.
 * @throws TypeError or Error at once where a key or certificate of the settings cannot be read
 */
export function openCcrc(settings: CcrcSettings, { clock }: { readonly clock: Clock }): NativeSource {
  const signKey = createPrivateKey(settings.sign_key);
  if (signKey.asymmetricKeyType !== 'rsa') throw new TypeError('sign_key is no RSA key');
  const answerKey = settings.answer_key === undefined ? undefined : createPublicKey(settings.answer_key);
  const certificateEnds = Date.parse(new X509Certificate(settings.tls.cert).validTo);
  const pseudonyms = pseudonymsUnder(settings.pseudonym_key);
  const closing = new AbortController();
  let lastFault: SourceFault | undefined;

  const ask: NativeSource['find'] = async (subject, _categories, at) => {
    const own = at.purpose === 'OWN_ENQUIRY' ? settings.own_reason : undefined;
    const reason = queryReason(at.purpose) ?? own;
    if (reason === undefined)
      throw new SourceFault('not_authorised', 'the registry has no such query reason');
    const { body, messageId, signature } = questionOf(settings, signKey, subject, at, reason);
    const reply = await nativeCall({
      ...{ url: settings.url, method: 'POST', body, tls: settings.tls },
      headers: { 'content-type': 'text/xml; charset=GB18030', 'x-sign': signature },
      timeoutMs: settings.timeout_ms ?? timeoutMsDefault,
      signal: AbortSignal.any([at.signal, closing.signal]),
    });
    return readReply(reply, { subject, messageId, answerKey, pseudonyms });
  };

  return {
    kind: 'native',
    name: 'ccrc',
    find: async (...question): Promise<Finding> => {
      try {
        const finding = await ask(...question);
        lastFault = undefined;
        return finding;
      } catch (error) {
        if (!(error instanceof SourceFault)) throw unreadable(error);
        if (!ofTheQuestion.has(error.faultClass)) lastFault = error;
        throw error;
      }
    },
    health: async () => healthOf(certificateEnds - clock.now(), lastFault, answerKey !== undefined),
    close: async () => closing.abort(),
  };
}

/** A fault of the adapter itself still is one of the canonical classes; its kind is for who mends it. */
const unreadable = (error: unknown): SourceFault =>
  new SourceFault('upstream_error', 'the adapter failed', error instanceof Error ? error.name : 'unknown');

function healthOf(certificateMs: number, fault: SourceFault | undefined, signed: boolean): SourceHealth {
  if (certificateMs <= 0) return { ok: false, detail: 'The client certificate has ended.' };
  if (fault !== undefined) {
    return {
      ok: false,
      detail: `The last question failed: ${fault.faultClass} ${fault.native ?? ''}`.trim(),
    };
  }
  return { ok: true, detail: signed ? 'Answers are signed.' : 'Answers are vouched for by TLS only.' };
}
