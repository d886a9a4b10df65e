import type { Browser, CDPSession, Page } from 'playwright-core';
import { startBrowser } from './browser.ts';

/**
 * One tab of a browser, driven so that the page's own policy holds for what is evaluated too, which
 * `page.evaluate` would lift.
 */
export class Tab {
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #protocol: CDPSession;
  readonly #requested: string[] = [];

  private constructor(browser: Browser, page: Page, protocol: CDPSession) {
    this.#browser = browser;
    this.#page = page;
    this.#protocol = protocol;
    page.on('request', (request) => this.#requested.push(request.url()));
  }

  /** Opens one. @throws Error where there is no `chromium` on the PATH */
  static async start(): Promise<Tab> {
    const browser = await startBrowser();
    const page = await browser.newPage();
    return new Tab(browser, page, await page.context().newCDPSession(page));
  }

  /** Opens an address, and waits until it has loaded and its scripts have run. */
  async open(url: string): Promise<void> {
    await this.#page.goto(url);
  }

  /** The value of a JavaScript expression in the page, or what its promise gives; JSON can say it. */
  async evaluate(expression: string): Promise<unknown> {
    const { exceptionDetails, result } = await this.#protocol.send('Runtime.evaluate', {
      ...{ expression, awaitPromise: true, returnByValue: true, allowUnsafeEvalBlockedByCSP: false },
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Gives a file field a file of this machine. */
  async chooseFile(id: string, path: string): Promise<void> {
    await this.#page.setInputFiles(`#${id}`, path);
  }

  async press(key: 'Tab' | 'Enter'): Promise<void> {
    await this.#page.keyboard.press(key);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#page.setViewportSize({ width, height });
  }

  /** The addresses that it has asked for so far. */
  requested(): string[] {
    return [...this.#requested];
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}
