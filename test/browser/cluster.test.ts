/** The page over a cluster as its users start one: what is slow is found, and a scale reaches the workers. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { place, type Place, type Running } from '../support/cli.js';
import { Reader } from '../support/dashboard/reader.js';
import { hasChromium, startChromium } from '../support/services/chromium.js';

/** Its bolt takes a fifth of a millisecond for each row, so that it limits all else. */
const SLOW = `
import { bolt, copy, generate, int, jsonLines, parse, schema, topology } from 'squall';

const Hit = schema('hit', { http_status: int() });

const check = bolt({
  reads: Hit,
  emits: { checked: Hit },
  lineage: { checked: { http_status: copy('http_status') } },
  process(row, emit) {
    const endMs = performance.now() + 0.2;
    while (performance.now() < endMs);
    emit.checked.from(row, {});
  },
});

export default topology('slow', (t) => {
  const lines = t.spout('lines', generate());
  const { requests } = t.bolt('parse', parse({ format: 'udp2log', emits: Hit }), { from: lines.shuffle() });
  const { checked } = t.bolt('check', check, { from: requests.shuffle() });
  t.sink('store', jsonLines({ dir: 'out' }), { from: checked.shuffle() });
});
`;

const suite = hasChromium ? describe : describe.skip;

suite('the page of a cluster', () => {
  let browser: Browser;
  let cluster: Running | null = null;

  beforeAll(async () => {
    browser = await startChromium();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    // Killed, it would leave its workers running.
    cluster?.interrupt();
    await cluster?.ended;
  });

  test('marks a slow bolt, and scales', async () => {
    const here = place();
    cluster = here.start(['cluster', 'start', '--port', '0']);
    await cluster.until(() => PAGE.test(said()));
    const address = PAGE.exec(said())![1]!;
    const { code } = await here.squall(['submit', here.write('slow.ts', SLOW), '--wait']);
    expect(code).toBe(0);

    const reader = await Reader.open(browser, new URL(address).origin);
    const { page } = reader;
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(address);
    await page.getByRole('link', { name: 'slow' }).click();
    await page.locator('.node.limits:has-text("check")').waitFor();
    const acked = await reader.text('.figures .note');
    await reader.changes('.figures .note', acked);

    expect(await workersOf(here)).toHaveLength(2);
    await scaleToOneWorker(page);
    await page.getByText('1 up').waitFor();
    expect(await workersOf(here)).toEqual([expect.objectContaining({ worker: 0, up: true })]);
    expect({ errors: reader.errors, foreign: reader.foreign }).toEqual({ errors: [], foreign: [] });
    await reader.close();
  });

  const said = (): string => cluster!.stdout() + cluster!.stderr();
});

const PAGE = /^page: (\S+)$/m;
const PATIENCE_MS = 60_000;

async function scaleToOneWorker(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Scale …' }).click();
  await page.getByRole('spinbutton', { name: /^Workers/ }).fill('1');
  await page.getByRole('button', { name: 'Show what changes' }).click();
  await page.getByText('Workers: 2 → 1').waitFor();
  await page.getByRole('button', { name: 'Scale now' }).click();
}

async function workersOf(here: Place): Promise<TopologyStatus['workerStatus']> {
  const { stdout } = await here.squall(['show', 'slow', '--json']);
  const status: TopologyStatus = JSON.parse(stdout);
  return status.workerStatus;
}
