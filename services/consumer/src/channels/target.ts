import { CausewayError } from '@causeway/protocol';
import { isIP } from 'node:net';
import { refusesAddress } from './public-address.ts';

export type ChannelKind = 'email' | 'webhook';

/** The plain form of RFC 5321 mailboxes, without quoting, comments or literals. */
const mailbox = /^[a-z0-9][a-z0-9._%+-]{0,62}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/iu;

/**
 * The address as it is kept. Throws `bad_request` for one that no message may be sent to.
 *
 * @param loopback whether an app on this machine may be called, without TLS
 */
export function checkTarget(kind: ChannelKind, target: string, loopback: boolean): string {
  const kept = kind === 'email' ? mailAddress(target) : webhookUrl(target, loopback);
  if (kept !== undefined) return kept;
  const what = kind === 'email' ? 'an e-mail address' : 'a public https address';
  throw new CausewayError('bad_request', { detail: `Name ${what}.`, pointer: '/target' });
}

function mailAddress(text: string): string | undefined {
  return text.length <= 254 && mailbox.test(text) && !text.includes('..') ? text : undefined;
}

function webhookUrl(text: string, loopback: boolean): string | undefined {
  if (!/^https?:\/\/[!-~]{1,480}$/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return undefined;
  const host = url.hostname.replaceAll(/^\[|\]$/gu, '');
  const here = loopback && (host === 'localhost' || (isIP(host) !== 0 && !refusesAddress(host, true)));
  if (url.protocol === 'http:') return here && isLoopback(host) ? url.href : undefined;
  if (isIP(host) !== 0 && refusesAddress(host, loopback)) return undefined;
  if (url.port !== '' && !isLoopback(host)) return undefined;
  if (!host.includes('.') && !here) return undefined;
  return url.href;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.[0-9.]+$/u.test(host);

/** What is shown of an address: enough for who knows it. */
export function masked(kind: ChannelKind, target: string): string {
  if (kind === 'webhook') return new URL(target).origin;
  const [name = '', domain = ''] = target.split('@');
  return `${name.slice(0, 1)}***@${domain}`;
}
