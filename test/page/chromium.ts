import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
}

const flags = [
  '--headless',
  '--remote-debugging-pipe',
  '--disable-dev-shm-usage',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-extensions',
  '--no-first-run',
  // Root has no user namespace to put the sandbox in; what is opened here is our own.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** A headless Chromium with one tab, driven through its own protocol over a pipe. */
export class Chromium {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, { resolve: (result: object) => void; reject: (e: Error) => void }>();
  readonly #events: { readonly method: string; readonly params: Record<string, unknown> }[] = [];
  #loading: { resolve: () => void; reject: (e: Error) => void } | undefined;
  #sent = 0;
  #received = '';
  #session: string | undefined;

  private constructor() {
    this.#profile = mkdtempSync(join(tmpdir(), 'chromium-'));
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#process = spawn('chromium', [...flags, `--user-data-dir=${this.#profile}`, 'about:blank'], {
      stdio: [...stdio],
    });
    const ended = (why: string): void => this.#fail(new Error(why));
    this.#process.on('error', () => ended('no chromium on the PATH: install the Debian package chromium'));
    this.#process.on('exit', (code) => ended(`chromium ended with ${code}`));
    const [, , , commands, replies] = this.#process.stdio as [null, null, null, Writable, Readable];
    commands.on('error', () => undefined);
    replies.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
  }

  /** Starts it. @throws Error where there is no `chromium` on the PATH */
  static async start(): Promise<Chromium> {
    const chromium = new Chromium();
    try {
      await chromium.#attach();
      return chromium;
    } catch (error) {
      await chromium.close();
      throw error;
    }
  }

  async #attach(): Promise<void> {
    const { targetId } = await this.send('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
    this.#session = sessionId as string;
    for (const domain of ['Page', 'Runtime', 'Network']) await this.send(`${domain}.enable`, {});
  }

  /** Opens an address in the tab, and waits until it has loaded and its scripts have run. */
  async open(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve, reject) => {
      this.#loading = { resolve, reject };
    });
    const { errorText } = await this.send('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`the tab does not open ${url}`);
    await loaded;
  }

  /** The value of a JavaScript expression in the page, or what its promise gives; JSON can say it. */
  async evaluate(expression: string): Promise<unknown> {
    const options = { awaitPromise: true, returnByValue: true, allowUnsafeEvalBlockedByCSP: false };
    const answer = await this.send('Runtime.evaluate', { expression, ...options });
    const { exceptionDetails, result } = answer as {
      exceptionDetails?: { exception?: { description?: string }; text: string };
      result: { value?: unknown };
    };
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** The addresses that the tab has asked for so far. */
  requested(): string[] {
    const sent = this.#events.filter(({ method }) => method === 'Network.requestWillBeSent');
    return sent.map(({ params }) => (params['request'] as { url: string }).url);
  }

  async close(): Promise<void> {
    if (this.#process.pid !== undefined && this.#process.exitCode === null) {
      const gone = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await gone;
    }
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  /** One command of the DevTools protocol, and its result. */
  async send(method: string, params: object): Promise<Record<string, unknown>> {
    this.#sent += 1;
    const id = this.#sent;
    const session = this.#session === undefined ? {} : { sessionId: this.#session };
    const answered = new Promise<object>((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
    });
    const pipe = this.#process.stdio[3] as Writable;
    pipe.write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    return { ...(await answered) };
  }

  /** Messages are JSON, each ended by a zero byte. */
  #receive(text: string): void {
    const messages = `${this.#received}${text}`.split('\0');
    this.#received = messages.pop() ?? '';
    for (const message of messages) this.#take(JSON.parse(message) as Reply);
  }

  #take({ error, id, method, params, result }: Reply): void {
    if (method !== undefined) this.#events.push({ method, params: params ?? {} });
    if (method === 'Page.loadEventFired') this.#loading?.resolve();
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || !waiting) return;
    this.#waiting.delete(id);
    if (error) waiting.reject(new Error(error.message));
    else waiting.resolve(result ?? {});
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#loading?.reject(error);
    this.#waiting.clear();
  }
}
