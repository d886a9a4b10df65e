import { SourceFault } from '../source-fault.ts';

/** The members of a reply's outermost object, each as the bytes in which it came. */
export type ReplyFrame = ReadonlyMap<string, Buffer>;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const membersMax = 8;

/**
 * Finds the members of the outermost object without parsing them: the signature is over the bytes of one of
 * them, and whatever is parsed and written again is other bytes. It runs over the bytes and not over text,
 * and in GBK steps over two at once, whose second may look like a backslash or a brace. What is inside is not
 * judged here: the strict parser does that, once the signature is good.
 * @throws SourceFault `upstream_error` where this is no such object
 */
export function readFrame(body: Buffer, charset: 'utf-8' | 'gbk'): ReplyFrame {
  return new FrameScanner(body, charset === 'gbk').members();
}

class FrameScanner {
  private at = 0;
  private readonly body: Buffer;
  private readonly doubleByte: boolean;

  constructor(body: Buffer, doubleByte: boolean) {
    this.body = body;
    this.doubleByte = doubleByte;
  }

  members(): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    this.expect(openBrace);
    do {
      const key = this.key();
      this.expect(colon);
      if (found.has(key) || found.size === membersMax) throw unreadable();
      found.set(key, this.value());
    } while (this.take(comma));
    this.expect(closeBrace);
    this.space();
    if (this.at !== this.body.length) throw unreadable();
    return found;
  }

  private key(): string {
    this.space();
    const raw = this.value().toString('latin1');
    if (!/^"[A-Za-z0-9_]{1,80}"$/u.test(raw)) throw unreadable();
    return raw.slice(1, -1);
  }

  private value(): Buffer {
    this.space();
    const from = this.at;
    const first = this.body[from];
    if (first === quote) this.string();
    else if (first === openBrace || first === openBracket) this.nested();
    else this.scalar();
    if (this.at === from) throw unreadable();
    return this.body.subarray(from, this.at);
  }

  /** From a quotation mark to behind its partner. */
  private string(): void {
    this.at += 1;
    while (this.at < this.body.length) {
      const byte = this.body[this.at] ?? 0;
      this.at += byte === backslash || (this.doubleByte && byte > 0x80) ? 2 : 1;
      if (byte === quote) return;
    }
    throw unreadable();
  }

  /** A counter in place of recursion: however deep it is nested, it costs no stack. */
  private nested(): void {
    let depth = 0;
    while (this.at < this.body.length) {
      const byte = this.body[this.at] ?? 0;
      if (byte === quote) {
        this.string();
        continue;
      }
      this.at += 1;
      if (byte === openBrace || byte === openBracket) depth += 1;
      if (byte === closeBrace || byte === closeBracket) depth -= 1;
      if (depth === 0) return;
    }
    throw unreadable();
  }

  private scalar(): void {
    while (/^[-+.0-9A-Za-z]$/u.test(String.fromCharCode(this.body[this.at] ?? 0))) this.at += 1;
  }

  private expect(byte: number): void {
    if (!this.take(byte)) throw unreadable();
  }

  private take(byte: number): boolean {
    this.space();
    if (this.body[this.at] !== byte) return false;
    this.at += 1;
    return true;
  }

  private space(): void {
    for (;;) {
      const byte = this.body[this.at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.at += 1;
    }
  }
}

function unreadable(): SourceFault {
  return new SourceFault('upstream_error', 'the reply is not an object with a signed member');
}
