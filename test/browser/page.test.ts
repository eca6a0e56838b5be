/** The page that is built, in a real browser, over the real server and topologies that are made up. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import type { ApiServer } from '../../runtime/nimbus/api/server.js';
import { Reader, type Reading } from '../support/dashboard/reader.js';
import { serveShowcase, Showcase, TOKEN } from '../support/dashboard/showcase.js';
import { hasChromium, startChromium } from '../support/services/chromium.js';

let browser: Browser;
let nimbus: Showcase;
let server: ApiServer;
const readers: Reader[] = [];

const suite = hasChromium ? describe : describe.skip;

suite('the page', () => {
  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    nimbus = new Showcase();
    server = await serveShowcase(nimbus);
  });

  afterEach(async () => {
    const found = readers.splice(0);
    for (const reader of found) await reader.close();
    await server.close();
    for (const { errors, foreign } of found) expect({ errors, foreign }).toEqual(NOTHING);
  });

  test('lists all topologies, each with its state and what limits it', async () => {
    const { page } = await open('');
    await page.locator('.topologies').waitFor();
    const rows = await page.locator('.topologies tbody tr').allInnerTexts();
    expect(rows.map((row) => /^[\w-]+/.exec(row)?.[0])).toEqual([
      'canonicalize',
      'kafka-to-avro',
      'udp-to-kafka',
    ]);
    expect(rows[0]).toMatch(/running.*k\/s.*anonymize, busy/s);
    expect(rows[1]).toMatch(/failed.*out of memory/s);
  });

  test('says what to do when there are none', async () => {
    for (const { name } of nimbus.list()) nimbus.forget(name);
    const reader = await open('');
    await reader.page.locator('.empty code').waitFor();
    expect(await reader.text('.empty')).toContain('squall submit canonicalize');
  });

  test('names what limits a topology, and marks it and the edge that leads to it', async () => {
    const reader = await openGraph();
    expect(await reader.text('.limit-note')).toMatch(/anonymize limits this topology/);
    expect(await reader.page.locator('.node.limits').allInnerTexts()).toEqual([
      expect.stringMatching(/limits[^]*anonymize[^]*9\d % busy/),
    ]);
    expect(await reader.page.locator('.edge-label.limiting').allInnerTexts()).toEqual([
      expect.stringMatching(/k\/s located/),
    ]);
    expect(await reader.page.locator('.edge.limiting').count()).toBe(1);
  });

  test('shows new figures as they come, and nothing moves for it', async () => {
    const reader = await openGraph();
    await reader.page.evaluate(SUM_UP_SHIFTS);
    const rate = '.node:has-text("parse") .node-rate';
    for (let i = 0, shown = await reader.text(rate); i < 3; i++) {
      nimbus.tick();
      shown = await reader.changes(rate, shown);
    }
    expect(await reader.page.evaluate('shifted')).toBe(0);
  });

  test('tells of one component all there is, with ten minutes of its past', async () => {
    const reader = await openGraph();
    await reader.page.getByRole('button', { name: /^parse/ }).click();
    await reader.page.waitForFunction(HAS_PAST);
    const panel = await reader.text('.panel');
    expect(panel).toMatch(/does not fit the format behind %t 4\d/);
    expect(panel).toMatch(/Worker Tasks 0 0 1 1/);
    expect(await reader.page.evaluate('location.hash')).toBe('#/canonicalize/parse');
    expect(await reader.page.locator('.charts canvas').count()).toBe(3);
  });

  test('draws on as figures come', async () => {
    const reader = await openGraph();
    await reader.page.waitForFunction(HAS_PAST);
    const drawn = await reader.text('.charts figcaption b');
    nimbus.tick();
    const now = await reader.changes('.charts figcaption b', drawn);
    expect(await reader.text('.panel .figures dd')).toBe(now);
  });

  test('is used by keyboard, and what has the focus keeps it when figures come', async () => {
    const reader = await openGraph();
    const { page } = reader;
    const node = page.getByRole('button', { name: /^geotag/ });
    await node.focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await reader.text('.panel h2')).toBe('anonymize');
    const shown = await reader.text('.node.limits .node-rate');
    nimbus.tick();
    await reader.changes('.node.limits .node-rate', shown);
    expect(await page.evaluate('document.activeElement.innerText')).toContain('anonymize');
  });

  test('says in tables what the graph shows', async () => {
    const { page } = await openGraph();
    await page.getByRole('button', { name: 'Table' }).click();
    const marked = await page.locator('.wiring tr.marked').allInnerTexts();
    expect(marked).toEqual([
      expect.stringMatching(/anonymize\s+, limits this topology/),
      expect.stringMatching(/located\s+geotag\s+anonymize/),
    ]);
  });

  test('scales after it has shown what that does', async () => {
    const { page } = await openGraph();
    await page.getByRole('button', { name: 'Scale …' }).click();
    await page.getByRole('spinbutton', { name: /^anonymize/ }).fill('3');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('anonymize: 1 → 3').waitFor();
    const request = { tasks: { anonymize: 3 } };
    expect(nimbus.asked).toEqual([{ scale: { ...request, dryRun: true } }]);
    await page.getByRole('button', { name: 'Scale now' }).click();
    await page.getByText('canonicalize is being scaled.').waitFor();
    expect(nimbus.asked).toEqual([
      { scale: { ...request, dryRun: true } },
      { scale: { ...request, dryRun: false } },
    ]);
    nimbus.tick();
    await page.getByText('changing …').waitFor();
  });

  test('forgets what it has shown when another number is written', async () => {
    const { page } = await openGraph();
    await page.getByRole('button', { name: 'Scale …' }).click();
    const field = page.getByRole('spinbutton', { name: /^anonymize/ });
    await field.fill('3');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByRole('button', { name: 'Scale now' }).waitFor();
    await field.fill('4');
    await page.getByRole('button', { name: 'Show what changes' }).waitFor();
    expect(await page.getByText('anonymize: 1 → 3').count()).toBe(0);
  });

  test('pauses, resumes and drains when that is confirmed', async () => {
    const { page } = await openGraph();
    for (const [verb, state] of [
      ['Pause', 'paused'],
      ['Resume', 'running'],
      ['Drain', 'draining'],
    ] as const) {
      await page.getByRole('button', { name: `${verb} …` }).click();
      await page.getByRole('dialog').getByRole('button', { name: verb, exact: true }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      nimbus.tick();
      await page.locator(`.state.${state}`).waitFor();
    }
    expect(nimbus.asked).toEqual([
      { canonicalize: 'paused' },
      { canonicalize: 'running' },
      { canonicalize: 'draining' },
    ]);
  });

  test('kills only what is named, and then says that it is gone', async () => {
    const reader = await openGraph();
    const { page } = reader;
    await page.getByRole('button', { name: 'Kill …' }).click();
    const sure = page.getByRole('dialog').getByRole('button', { name: 'Kill', exact: true });
    expect(await sure.isDisabled()).toBe(true);
    await page.getByRole('textbox').fill('canonicalize');
    await sure.click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(nimbus.asked).toEqual([{ canonicalize: 'killing' }]);
    nimbus.forget('canonicalize');
    nimbus.end();
    await page.getByText('it was killed').waitFor();
  });

  test('stays live when there is nothing new', async () => {
    const { page } = await openGraph();
    for (let asked = 0; asked < 2; asked++)
      await page.waitForResponse(`${server.url}/api/v1/topologies/canonicalize`);
    expect(await page.locator('.connection').innerText()).toContain('Live');
  });

  test('only looks without a token, and says how to get one', async () => {
    const reader = await open('#/canonicalize');
    await reader.page.locator('.node.limits').waitFor();
    const actions = await reader.page.locator('.actions button').all();
    expect(actions).toHaveLength(4);
    for (const action of actions) expect(await action.isDisabled()).toBe(true);
    expect(await reader.text('.actions .hint')).toContain('squall cluster start');
  });

  test('takes the token out of the address', async () => {
    const { page } = await open(`#token=${TOKEN}`);
    await page.locator('.topologies').waitFor();
    expect(page.url()).toBe(`${server.url}/#/`);
  });

  test('has no barriers, light or dark or narrow', async () => {
    for (const reading of [{}, { dark: true }, { width: 400 }]) {
      const reader = await openGraph(reading);
      const { page } = reader;
      const found = { graph: await reader.barriers(), width: await page.evaluate(WIDTH) };
      await page.getByRole('button', { name: 'Table' }).click();
      const table = await reader.barriers();
      await page.getByRole('button', { name: 'Scale …' }).click();
      const dialog = await reader.barriers();
      await page.keyboard.press('Escape');
      await page.getByRole('link', { name: 'Squall' }).click();
      await page.locator('.topologies').waitFor();
      const list = await reader.barriers();
      expect({ ...found, table, dialog, list }).toEqual({
        ...{ graph: [], table: [], dialog: [], list: [] },
        width: reading.width ?? 1280,
      });
    }
  });

  test('says at once that the connection is lost, how old its figures are, and when it is back', async () => {
    const reader = await openGraph();
    const { page } = reader;
    const port = Number(new URL(server.url).port);
    await server.close();
    await page.getByText('No connection to nimbus').waitFor();
    await page.getByText(/Figures are \d+ s old/).waitFor();
    expect(await reader.text('.node.limits')).toContain('anonymize');
    expect(await reader.barriers()).toEqual([]);
    server = await serveShowcase(nimbus, port);
    await page.locator('.connection.live').waitFor();
    // The browser itself calls refused connections errors.
    reader.errors.length = 0;
  });
});

const NOTHING = { errors: [], foreign: [] };

/** Sums up by how much things move that nobody has asked to. */
const SUM_UP_SHIFTS = `globalThis.shifted = 0;
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) shifted += value;
  }).observe({ type: 'layout-shift' });`;
const HAS_PAST = `document.querySelector('.charts small')?.innerText.includes('in ten minutes')`;
/** More than the window when something sticks out. */
const WIDTH = `innerWidth - document.documentElement.clientWidth + document.documentElement.scrollWidth`;

async function open(fragment: string, reading: Reading = {}): Promise<Reader> {
  const reader = await Reader.open(browser, server.url, reading);
  readers.push(reader);
  await reader.page.goto(`${server.url}/${fragment}`);
  return reader;
}

/** Of the topology that is limited, with the token. */
async function openGraph(reading: Reading = {}): Promise<Reader> {
  const reader = await open(`#token=${TOKEN}`, reading);
  await reader.page.getByRole('link', { name: 'canonicalize' }).click();
  await reader.page.locator('.node.limits').waitFor();
  return reader;
}
