/** What becomes of a reader that ends, of its complaints, and of a journal that is full; with a script in varnishncsa's place. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Receiver, ReceiverContext } from '../../../topology/dsl/receiver.js';
import { varnish } from '../../../spouts/varnish/index.js';
import { eventually } from '../../support/cli.js';

let folder: string;
const receivers: Receiver[] = [];
const path = process.env['PATH'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-varnish-'));
  // Nor is a Varnish that is installed found.
  process.env['PATH'] = folder;
  script('varnishadm', 'echo "Value is: 4k [bytes]"');
});
afterEach(async () => {
  for (const receiver of receivers.splice(0)) await receiver.close();
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

function script(name: string, text: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\nPATH=${path}\n${text}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** A receiver over a journal that is full while `room` is false. */
async function receiving(format = '%s') {
  const journal = { text: '', room: true };
  const counted = new Map<string, number>();
  const warnings: string[] = [];
  const context: ReceiverContext = {
    topology: 'test',
    component: 'varnish',
    now: () => 0,
    warn: (message) => void warnings.push(message),
    counter: (name) => ({ add: (by = 1) => void counted.set(name, (counted.get(name) ?? 0) + by) }),
    gauge: () => ({ set: () => {}, remove: () => {} }),
    journal: async () => ({
      append: (bytes) => {
        if (journal.room) journal.text += Buffer.from(bytes).latin1Slice();
        return journal.room;
      },
    }),
    fatal: (error) => {
      throw error;
    },
  };
  const receiver = await varnish({ mode: 'ncsa', format }).receive!(context);
  receivers.push(receiver);
  return { receiver, journal, counted, warnings };
}

test('a reader that ends is started again, and what it had written is kept but for a torn line', async () => {
  script('varnishncsa', 'echo 200; printf 40; echo "Out of memory" >&2; exit 3');
  const { receiver, journal, counted, warnings } = await receiving();
  await eventually(() => journal.text.length > 8);
  await receiver.close();
  expect(journal.text).toMatch(/^(200\n)+$/);
  expect(counted.get('varnish_reader_restarts_total')).toBeGreaterThan(0);
  expect(warnings).toContain(
    'varnishncsa ended (exit 3: Out of memory) and is started again; requests meanwhile are lost',
  );
});

test('a reader that is not there any more is looked for again', async () => {
  const { receiver, journal, warnings } = await receiving();
  await eventually(() => warnings.some((warning) => warning.includes('ENOENT')));
  script('varnishncsa', 'echo 200; exec sleep 60');
  await eventually(() => journal.text === '200\n');
  await receiver.close();
});

test('overruns are counted one by one, and an abandoned log once, however often it is said', async () => {
  const away =
    'Log abandoned (vsl)\\nLog abandoned (vsm)\\nFailed to acquire log\\nLog reacquired\\n';
  const overrun = 'Log overrun\\nLog reacquired\\n';
  script('varnishncsa', `printf '${overrun}${away}${overrun}' >&2; echo 200; exec sleep 60`);
  const { receiver, counted } = await receiving();
  await eventually(() => counted.get('varnish_log_overruns_total') === 2);
  await receiver.close();
  expect(counted.get('varnish_log_abandoned_total')).toBe(1);
});

test('a full journal holds the reader up, and nothing is lost when there is room again', async () => {
  const lines = 100_000;
  script('varnishncsa', `seq ${lines}; exec sleep 60`);
  const { receiver, journal, warnings } = await receiving();
  journal.room = false;
  await eventually(() => warnings.some((warning) => warning.startsWith('The journal is full')));
  const before = journal.text;
  journal.room = true;
  await eventually(() => journal.text.endsWith(`\n${lines}\n`));
  await receiver.close();
  expect(before.length).toBeLessThan(journal.text.length);
  expect(journal.text).toBe(Array.from({ length: lines }, (_, i) => `${i + 1}\n`).join(''));
});

test('a journal that is full at the end does not hold it up, and what was read and is lost is counted', async () => {
  const lines = 100_000;
  script('varnishncsa', `seq ${lines}; exec sleep 60`);
  const { receiver, journal, counted, warnings } = await receiving();
  journal.room = false;
  await eventually(() => warnings.some((warning) => warning.startsWith('The journal is full')));
  await receiver.close();
  const stored = journal.text.split('\n').length - 1;
  const lost = counted.get('varnish_journal_drops_total')!;
  expect(lost).toBeGreaterThan(0);
  expect(stored + lost).toBeLessThanOrEqual(lines);
  expect(warnings.at(-1)).toMatch(/lost \(varnish_journal_drops_total\)/);
});

test('what was read before the end is in the journal, and a reader that sleeps does not hold it up', async () => {
  script('varnishncsa', 'echo 200; kill -STOP $$');
  const { receiver, journal } = await receiving();
  await eventually(() => journal.text !== '');
  await receiver.close();
  expect(journal.text).toBe('200\n');
});

test('the operator is told at which length records are cut, or that this cannot be asked', async () => {
  script('varnishncsa', 'exec sleep 60');
  const asked = await receiving();
  await asked.receiver.close();
  expect(asked.warnings[0]).toMatch(/vsl_reclen, which is 4096 bytes/);
  script('varnishadm', 'echo "Could not open secret file" >&2; exit 2');
  const refused = await receiving();
  await refused.receiver.close();
  expect(refused.warnings[0]).toMatch(/could not ask how long that is: taken to be 255 bytes/);
});
