import { limits } from '@causeway/kernel';
import { CausewayError } from './errors.ts';

interface JsonLimits {
  /** UTF-8 bytes where bytes are given, UTF-16 units where a string is. */
  bytesMax?: number;
  depthMax?: number;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Parses JSON (RFC 8259) in one pass and refuses what JSON.parse lets through silently: a duplicate key (in
 * any spelling), a number that is not a safe integer, a lone surrogate, U+0000 (PostgreSQL cannot store it),
 * a `__proto__` key, deep nesting, bytes that are not UTF-8. A key order or an escape carries no meaning.
 * Throws `statement_malformed`.
 */
export function parseStrictJson(input: Uint8Array | string, bounds: JsonLimits = {}): unknown {
  if (input.length > (bounds.bytesMax ?? limits.reportBytesMax)) throw malformed('The JSON is too large.');
  const text = textOf(input);
  const depthMax = bounds.depthMax ?? limits.jsonDepthMax;
  return (compactValue(text, depthMax) ?? { value: new Parser(text, depthMax).document() }).value;
}

/**
 * The usual case, in a third of the time: a text that the platform's parser reads and that is written back
 * the very same holds no key twice, no white space and no number in another spelling, and without a backslash
 * no string in another spelling. Numbers and depth are looked at here. Where this cannot tell, undefined: the
 * parser below decides, and says what is wrong.
 */
function compactValue(text: string, depthMax: number): { readonly value: unknown } | undefined {
  if (text.includes('\\') || text.includes('__proto__')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return isWithin(value, depthMax) && JSON.stringify(value) === text ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a parsed value nests no deeper, and all its numbers are safe integers. */
function isWithin(value: unknown, depthLeft: number): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depthLeft === 0) return false;
  for (const part of Object.values(value)) if (!isWithin(part, depthLeft - 1)) return false;
  return true;
}

function textOf(input: Uint8Array | string): string {
  if (typeof input === 'string') {
    if (!input.isWellFormed()) throw malformed('The JSON holds a lone surrogate.');
    return input;
  }
  try {
    return decoder.decode(input);
  } catch {
    throw malformed('The JSON is not UTF-8.');
  }
}

function malformed(detail: string): CausewayError {
  return new CausewayError('statement_malformed', { detail });
}

/** Inside a string, what is neither its end, nor an escape, nor a control character. */
const plainString = /[^"\\\u0000-\u001f]*/uy;
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/uy;
/** An integral number: a fraction may only be zeros and an exponent only raise, so no rounding can hide. */
const integralNumber = /-?(?:0|[1-9][0-9]*)(?:\.0+)?(?:[eE]\+?[0-9]{1,2})?/uy;
const escapes: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

class Parser {
  private at = 0;
  private depth = 0;
  private readonly text: string;
  private readonly depthMax: number;

  constructor(text: string, depthMax: number) {
    this.text = text;
    this.depthMax = depthMax;
  }

  document(): unknown {
    const value = this.value();
    this.space();
    if (this.at !== this.text.length) throw malformed('Something follows the JSON.');
    return value;
  }

  private value(): unknown {
    this.space();
    switch (this.text.charCodeAt(this.at)) {
      case openBrace:
        return this.nested(() => this.object());
      case openBracket:
        return this.nested(() => this.array());
      case quote:
        return this.string();
      case 0x74:
        return this.word('true', true);
      case 0x66:
        return this.word('false', false);
      case 0x6e:
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  private nested<T>(parse: () => T): T {
    this.depth += 1;
    if (this.depth > this.depthMax) throw malformed('The JSON is nested too deeply.');
    this.at += 1;
    const value = parse();
    this.depth -= 1;
    return value;
  }

  private object(): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    if (this.take(closeBrace)) return out;
    do {
      this.space();
      const key = this.string();
      if (key === '__proto__') throw malformed('A key is not permitted.');
      if (Object.hasOwn(out, key)) throw malformed('A key stands twice in one object.');
      if (!this.take(colon)) throw this.unexpected();
      out[key] = this.value();
    } while (this.take(comma));
    if (!this.take(closeBrace)) throw this.unexpected();
    return out;
  }

  private array(): unknown[] {
    const out: unknown[] = [];
    if (this.take(closeBracket)) return out;
    do {
      out.push(this.value());
    } while (this.take(comma));
    if (!this.take(closeBracket)) throw this.unexpected();
    return out;
  }

  private string(): string {
    if (this.text.charCodeAt(this.at) !== quote) throw this.unexpected();
    this.at += 1;
    let out = this.match(plainString);
    if (this.text.charCodeAt(this.at) === backslash) {
      while (this.text.charCodeAt(this.at) === backslash) out += this.escape() + this.match(plainString);
      if (!out.isWellFormed()) throw malformed('A string holds a lone surrogate.');
      if (out.includes('\u0000')) throw malformed('A string holds U+0000.');
    }
    if (this.text.charCodeAt(this.at) !== quote) throw this.unexpected();
    this.at += 1;
    return out;
  }

  private escape(): string {
    const sequence = this.match(escapeSequence);
    if (sequence === '') throw this.unexpected();
    if (sequence.length > 2) return String.fromCharCode(Number.parseInt(sequence.slice(2), 16));
    const letter = sequence.slice(1);
    return escapes[letter] ?? letter;
  }

  private number(): number {
    const text = this.match(integralNumber);
    if (text === '') throw this.unexpected();
    if (/^[.0-9eE+-]/u.test(this.text.slice(this.at, this.at + 1)))
      throw malformed('A number is not an integer.');
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw malformed('A number is not a safe integer.');
    return value === 0 ? 0 : value;
  }

  private word<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) throw this.unexpected();
    this.at += word.length;
    return value;
  }

  private match(expression: RegExp): string {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)?.[0] ?? '';
    this.at += found.length;
    return found;
  }

  private take(code: number): boolean {
    this.space();
    if (this.text.charCodeAt(this.at) !== code) return false;
    this.at += 1;
    return true;
  }

  private space(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.at += 1;
    }
  }

  private unexpected(): CausewayError {
    return malformed(this.at >= this.text.length ? 'The JSON ends too early.' : 'This is not JSON.');
  }
}
