/** The logs of workers, as text that is streamed. */
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { logLines } from '../../../../runtime/nimbus/api/log-lines.js';
import { served, TOKEN } from '../../../support/nimbus/served.js';

let folder: string;
let paths: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-logs-'));
  paths = [join(folder, 'worker-0.log'), join(folder, 'worker-1.log')];
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (second: number, component: string, msg = ''): string =>
  `${JSON.stringify({ level: 'info', time: new Date(second * 1000).toISOString(), component, msg })}\n`;

async function tail(wanted: { lines?: number; component?: string }): Promise<string> {
  const files = async (): Promise<readonly string[]> => paths;
  let text = '';
  const all = { lines: 100, follow: false, ...wanted };
  for await (const part of logLines(files, all, new AbortController().signal)) text += part;
  return text;
}

test('the newest lines of all files come by time, and what is no object stays with its line', async () => {
  writeFileSync(paths[0]!, `${line(1, 'parse')}${line(4, 'parse')}Error: broken\n    at x.ts\n`);
  writeFileSync(paths[1]!, `${line(2, 'store')}${line(3, 'parse')}`);
  const all = [line(1, 'parse'), line(2, 'store'), line(3, 'parse'), line(4, 'parse')];
  const stack = 'Error: broken\n    at x.ts\n';
  expect(await tail({})).toBe(all.join('') + stack);
  expect(await tail({ lines: 4 })).toBe(all.slice(2).join('') + stack);
  expect(await tail({ lines: 0 })).toBe('');
  expect(await tail({ component: 'store' })).toBe(line(2, 'store'));
});

test('a component is not found in what another one says', async () => {
  writeFileSync(paths[0]!, line(1, 'parse', '"component":"store"') + 'store: printed\n');
  expect(await tail({ component: 'store' })).toBe('store: printed\n');
});

test('of a large file only its end is read, from the first whole line on', async () => {
  const many = Array.from({ length: 200_000 }, (_, i) => `line ${i} ${'x'.repeat(60)}\n`);
  paths = [paths[0]!];
  writeFileSync(paths[0]!, many.join(''));
  expect(await tail({ lines: 3 })).toBe(many.slice(-3).join(''));
  const text = await tail({ lines: 10_000_000 });
  expect(text.length).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(many.join('').endsWith(`\n${text}`)).toBe(true);
});

test('a line that is longer than what is read at a time comes in pieces, and nothing is lost', async () => {
  const long = `${'y'.repeat(300_000)}\n`;
  writeFileSync(paths[0]!, `short\n${long}`);
  expect((await tail({})).replaceAll('\n', '')).toBe(`short${long.trim()}`);
});

/** Reads a stream up to a text. */
async function upTo(reader: ReadableStreamDefaultReader<Uint8Array>, end: string): Promise<string> {
  let text = '';
  while (!text.endsWith(end)) text += Buffer.from((await reader.read()).value!).toString();
  return text;
}

test('followed, it goes on with whole lines, also of files that are new, renamed or begun anew', async () => {
  const { url, operations } = await served();
  operations.put('web');
  operations.logFiles = [paths[0]!];
  writeFileSync(paths[0]!, 'one\n');
  const asking = new AbortController();
  const answer = await fetch(`${url}/api/v1/topologies/web/logs?follow=true`, {
    headers: { authorization: `Bearer ${TOKEN}` },
    signal: asking.signal,
  });
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const reader = answer.body!.getReader();
  expect(await upTo(reader, 'one\n')).toBe('one\n');
  appendFileSync(paths[0]!, 'tw');
  appendFileSync(paths[0]!, 'o\n');
  expect(await upTo(reader, 'two\n')).toBe('two\n');
  writeFileSync(paths[1]!, 'three\n');
  operations.logFiles = paths;
  expect(await upTo(reader, 'three\n')).toBe('three\n');
  renameSync(paths[0]!, `${paths[0]}.1`);
  writeFileSync(paths[0]!, 'four\n');
  operations.logFiles = [...paths, `${paths[0]}.1`];
  expect(await upTo(reader, 'four\n')).toBe('four\n');
  writeFileSync(paths[1]!, '5\n');
  expect(await upTo(reader, '5\n')).toBe('5\n');
  asking.abort();
});

test('when nobody reads any more, nobody looks', async () => {
  const { url, operations } = await served();
  operations.put('web');
  let looks = 0;
  operations.logs = async () => (looks++, []);
  const asking = new AbortController();
  const headers = { authorization: `Bearer ${TOKEN}` };
  const answer = await fetch(`${url}/api/v1/topologies/web/logs?follow=true`, {
    ...{ headers, signal: asking.signal },
  });
  while (looks < 4) await new Promise((done) => setTimeout(done, 10));
  asking.abort();
  await expect(answer.text()).rejects.toThrow();
  // Stands still for longer than it takes to look twice.
  for (let before = -1; before !== looks;) {
    before = looks;
    await new Promise((done) => setTimeout(done, 700));
  }
});

test('a query that makes no sense, and a topology that is not there, are refused', async () => {
  const { ask, operations } = await served();
  operations.put('web');
  for (const query of ['lines=-1', 'lines=x', 'lines=100000', 'follow=yes'])
    expect([query, (await ask('GET', `/api/v1/topologies/web/logs?${query}`)).status]).toEqual([
      query,
      422,
    ]);
  expect((await ask('GET', '/api/v1/topologies/none/logs')).status).toBe(404);
});
