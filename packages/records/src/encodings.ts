import iconv from 'iconv-lite';

/** The encodings in which files and native systems come. */
export const encodings = ['utf-8', 'gb18030', 'gbk'] as const;

export type Encoding = (typeof encodings)[number];

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const gb18030 = new TextDecoder('gb18030', { fatal: true, ignoreBOM: true });

/**
 * The text of bytes in an encoding. Nothing is ever replaced by a question mark.
 * @throws RangeError where a byte has no meaning in it
 */
export function decodeStrict(bytes: Uint8Array, encoding: Encoding): string {
  try {
    if (encoding === 'utf-8') return utf8.decode(bytes);
    // 0x80 alone is the euro sign of one vendor's code page, and nothing in the standards.
    const text = gb18030.decode(bytes);
    if (isDoubleByte(bytes, encoding)) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  throw new RangeError(`not valid ${encoding}`);
}

/**
 * The bytes of a text in an encoding.
 * @throws RangeError where a character cannot be written in it
 */
export function encodeStrict(text: string, encoding: Encoding): Uint8Array {
  if (!text.isWellFormed()) throw new RangeError('half a character');
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  const bytes = iconv.encode(text, encoding);
  if (!reads(bytes, encoding, text)) throw new RangeError(`cannot be written in ${encoding}`);
  return bytes;
}

/** The library writes a question mark for what it does not have, and the euro as a byte of no standard. */
function reads(bytes: Uint8Array, encoding: Encoding, text: string): boolean {
  try {
    return decodeStrict(bytes, encoding) === text;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return false;
  }
}

/** Decoders take GBK for GB18030; what needs four bytes is no GBK. */
function isDoubleByte(bytes: Uint8Array, encoding: Encoding): boolean {
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) continue;
    if (lead === 0x80 || lead === 0xff) return false;
    const trail = bytes[at + 1] ?? 0;
    const four = trail >= 0x30 && trail <= 0x39;
    if (four && encoding === 'gbk') return false;
    at += four ? 3 : 1;
  }
  return true;
}

const lossy = { 'utf-8': new TextDecoder('utf-8'), gb18030: new TextDecoder('gb18030') } as const;

/** For finding where bytes end that `decodeStrict` has refused; no value is ever taken from it. */
export function decodeLossy(bytes: Uint8Array, encoding: Encoding): string {
  return lossy[encoding === 'utf-8' ? 'utf-8' : 'gb18030'].decode(bytes);
}

/**
 * The offsets at which a character begins, and the one behind the last, of bytes that `decodeStrict` takes.
 */
export function characterStarts(bytes: Uint8Array, encoding: Encoding): ReadonlySet<number> {
  const starts = new Set<number>([bytes.length]);
  for (let at = 0; at < bytes.length; at += characterBytes(bytes, at, encoding)) starts.add(at);
  return starts;
}

function characterBytes(bytes: Uint8Array, at: number, encoding: Encoding): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  if (encoding === 'utf-8') {
    if (lead < 0xe0) return 2;
    return lead < 0xf0 ? 3 : 4;
  }
  const trail = bytes[at + 1] ?? 0;
  return trail >= 0x30 && trail <= 0x39 ? 4 : 2;
}
