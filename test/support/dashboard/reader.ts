/** Someone who reads the page in a browser, and all that goes wrong meanwhile. */
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';

export interface Reading {
  readonly width?: number;
  readonly height?: number;
  readonly dark?: boolean;
  /** Of a screen with finer points. */
  readonly scale?: number;
}

export class Reader {
  readonly page: Page;
  /** What the console calls an error, and what nobody caught. */
  readonly errors: string[] = [];
  /** Requests to anything but nimbus. */
  readonly foreign: string[] = [];

  private constructor(page: Page, url: string) {
    this.page = page;
    page.on('console', (message) => {
      if (message.type() === 'error') this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(`${url}/`)) this.foreign.push(request.url());
    });
  }

  /** @param url of nimbus */
  static async open(
    browser: Browser,
    url: string,
    { width = 1280, height = 900, dark = false, scale = 1 }: Reading = {},
  ): Promise<Reader> {
    const context = await browser.newContext({
      viewport: { width, height },
      colorScheme: dark ? 'dark' : 'light',
      deviceScaleFactor: scale,
    });
    return new Reader(await context.newPage(), url);
  }

  /** The text at a selector, in one line. */
  async text(selector: string): Promise<string> {
    return (await this.page.locator(selector).first().innerText()).replaceAll(/\s+/g, ' ');
  }

  /** Waits until the text at a selector is another than this. */
  async changes(selector: string, from: string): Promise<string> {
    for (;;) {
      const now = await this.text(selector);
      if (now !== from) return now;
      await this.page.evaluate('new Promise(requestAnimationFrame)');
    }
  }

  /** What axe finds that keeps people from using the page. */
  async barriers(): Promise<string[]> {
    // Not a script in the page: its policy would refuse it.
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate<axe.AxeResults>('axe.run()');
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}
