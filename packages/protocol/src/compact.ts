import { decodeBase64url } from './base64url.ts';
import { CausewayError } from './errors.ts';
import { parseStrictJson } from './strict-json.ts';

interface Header {
  readonly typ: string;
  readonly alg: string;
  readonly kid: string;
}

/** A JWS in compact form (RFC 7515), taken apart; nothing is verified. */
export interface CompactStatement {
  readonly header: Header;
  /** The bytes of the payload, not parsed. */
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** What the signature is over: `header.payload` as received. */
  readonly input: string;
}

const headerMembers = ['typ', 'alg', 'kid'] as const;
const headerBytesMax = 512;

/**
 * Takes a compact JWS apart: three strict base64url parts and a header of exactly typ, alg and kid.
 * Throws `statement_missing`, `body_too_large`, `statement_malformed` or `header_not_permitted`.
 */
export function readCompact(jws: string, bytesMax: number): CompactStatement {
  if (jws === '') throw new CausewayError('statement_missing');
  if (jws.length > bytesMax) throw new CausewayError('body_too_large');
  const parts = jws.split('.', 4);
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || signature === undefined) {
    throw new CausewayError('statement_malformed', { detail: 'A statement has three parts.' });
  }
  return {
    header: readHeader(header),
    payload: decodeBase64url(payload, '/payload'),
    signature: decodeBase64url(signature, '/signature'),
    input: jws.slice(0, header.length + 1 + payload.length),
  };
}

function readHeader(part: string): Header {
  const parsed = parseStrictJson(decodeBase64url(part, '/header'), { bytesMax: headerBytesMax, depthMax: 2 });
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CausewayError('header_not_permitted', { pointer: '/header' });
  }
  const members = new Map<string, unknown>(Object.entries(parsed));
  const [typ, alg, kid] = headerMembers.map((name) => {
    const value = members.get(name);
    if (typeof value !== 'string') throw notPermitted(name, 'must be there, as a string');
    members.delete(name);
    return value;
  });
  const [extra] = members.keys();
  if (extra !== undefined) throw notPermitted(/^\w{1,40}$/u.test(extra) ? extra : '?', 'is not permitted');
  return { typ: typ ?? '', alg: alg ?? '', kid: kid ?? '' };
}

function notPermitted(name: string, says: string): CausewayError {
  return new CausewayError('header_not_permitted', {
    pointer: `/header/${name}`,
    detail: `/header/${name} ${says}.`,
  });
}
