import type { Clock } from '@causeway/kernel';
import { decodeBase64url, memberOfKid } from '@causeway/protocol';
import type { KeyLookup } from '@causeway/protocol';

interface Options {
  /** The keys of the newest directory held, if there is one. */
  readonly keys: () => KeyLookup | undefined;
  /** Fetches the directory now. */
  readonly fetch: () => Promise<void>;
  readonly clock: Clock;
}

/** Unknown keys cause one fetch in this time, however many there are. */
const intervalMs = 5000;
/** A statement waits no longer for the fetch; after that it is judged by what is known. */
const waitMsMax = 2000;
/** The header of a statement has three members, in less than this many characters. */
const headerCharactersMax = 700;
const textsMax = 512;
const depthMax = 4;

/**
 * What a node does about a key that it has never heard of: the statement may have been signed under a
 * directory newer than its own, so it fetches before it judges. For all unknown keys together, and for all
 * statements at once, that is one fetch per interval.
 */
export class UnknownKeys {
  private readonly options: Options;
  private fetching: Promise<void> | undefined;
  private fetchedAtMs = -Infinity;
  /** Headers whose key the directory knows; all statements of one key and type have the same one. */
  private readonly familiar = new Set<string>();

  constructor(options: Options) {
    this.options = options;
  }

  /** Forgets what it knows of headers: another directory may list fewer keys. */
  forget(): void {
    this.familiar.clear();
  }

  /** Looks through a received body for statements, and returns when their keys are known or cannot be. */
  async meet(body: unknown): Promise<void> {
    const keys = this.options.keys();
    if (keys === undefined || !textsOf(body).some((text) => this.isUnknown(text, keys))) return;
    const fetching = this.fetchOnce();
    if (fetching === undefined) return;
    const { promise: patience, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, waitMsMax);
    await Promise.race([fetching, patience]);
    clearTimeout(timer);
  }

  private fetchOnce(): Promise<void> | undefined {
    const now = this.options.clock.monotonic();
    if (this.fetching === undefined && now - this.fetchedAtMs >= intervalMs) {
      this.fetchedAtMs = now;
      // What goes wrong is told by whoever polls; the statement is then judged by what is known.
      this.fetching = this.options
        .fetch()
        .catch(() => undefined)
        .finally(() => {
          this.fetching = undefined;
        });
    }
    return this.fetching;
  }

  private isUnknown(text: string, keys: KeyLookup): boolean {
    const header = headerOf(text);
    if (header === undefined || this.familiar.has(header)) return false;
    const kid = kidIn(header);
    if (kid === undefined || memberOfKid(kid) === undefined) return false;
    if (keys(kid) === undefined) return true;
    if (this.familiar.size >= textsMax) this.familiar.clear();
    this.familiar.add(header);
    return false;
  }
}

/** The texts in a body that may be statements, a bounded number of them. */
function textsOf(body: unknown): string[] {
  const found: string[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (found.length >= textsMax) return;
    if (typeof value === 'string') {
      if (value.startsWith('eyJ')) found.push(value);
    } else if (isJson(value) && depth < depthMax) {
      for (const each of Object.values(value)) walk(each, depth + 1);
    }
  };
  walk(body, 0);
  return found;
}

/** An array or a plain object: what came out of JSON, and no stream or buffer. */
function isJson(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}

function headerOf(text: string): string | undefined {
  const end = text.slice(0, headerCharactersMax).indexOf('.');
  return end === -1 ? undefined : text.slice(0, end);
}

function kidIn(header: string): string | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(decodeBase64url(header)));
    const kid: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'kid') : undefined;
    return typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}
