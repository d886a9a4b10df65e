import { decodeBase64url, parseStrictJson } from '@causeway/protocol';

export type JsonObject = Readonly<Record<string, unknown>>;

export interface JoseParts {
  readonly header: JsonObject;
  readonly payload: JsonObject;
  readonly signingInput: string;
  readonly signature: Uint8Array;
}

/** A token or proof never needs more; what is longer is refused before it is decoded. */
const joseBytesMax = 8192;

/**
 * The parts of a compact JWS (RFC 7515), strictly: three base64url parts, JSON objects without duplicate
 * members, and a header of exactly the members that `headerMembers` lists, so that `crit`, `jku`, `x5u`,
 * `b64` and an embedded key where none is wanted are refused before any key is touched. Returns undefined for
 * everything else.
 */
export function readJose(text: string, headerMembers: ReadonlySet<string>): JoseParts | undefined {
  if (text.length > joseBytesMax) return undefined;
  const parts = text.split('.');
  const [header64, payload64, signature64] = parts;
  if (parts.length !== 3 || header64 === undefined || payload64 === undefined || signature64 === undefined) {
    return undefined;
  }
  try {
    const header = asObject(parseStrictJson(decodeBase64url(header64), { depthMax: 4 }));
    const payload = asObject(parseStrictJson(decodeBase64url(payload64), { depthMax: 8 }));
    if (header === undefined || payload === undefined) return undefined;
    const names = Object.keys(header);
    if (names.length !== headerMembers.size || names.some((name) => !headerMembers.has(name)))
      return undefined;
    return {
      header,
      payload,
      signingInput: `${header64}.${payload64}`,
      signature: decodeBase64url(signature64),
    };
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): JsonObject | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.fromEntries(Object.entries(value));
}
