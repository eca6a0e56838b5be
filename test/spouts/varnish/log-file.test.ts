/** The text of varnishlog from a file. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { varnish, VarnishRequest } from '../../../spouts/varnish/index.js';
import type { Batch, Spout, SpoutTask } from '../../../topology/dsl/spout.js';
import { emitter } from '../../../topology/rows/emitter.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { sample } from '../../support/conformance.js';
import { contextFor } from '../file/support.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-varnish-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Read {
  readonly row: VarnishRequest;
  readonly tags: readonly (readonly [string, string])[];
  readonly partition: string;
  readonly position: number;
  readonly origin: unknown;
}

const open = async (spout: Spout<VarnishRequest>, committed = new Map<string, number>()) => {
  const [assignment] = await spout.assign!(1, committed);
  return (await spout.open(
    contextFor(assignment, { committed }),
  )) as unknown as SpoutTask<VarnishRequest>;
};

async function readAll(task: SpoutTask<VarnishRequest>): Promise<Read[]> {
  const all: Read[] = [];
  for (;;) {
    const batch = await task.poll();
    if (typeof batch === 'string') break;
    for (let i = 0; i < batch.count; i++) all.push(read(batch, i));
  }
  await task.close?.();
  return all;
}

function read(batch: Batch<VarnishRequest>, i: number): Read {
  const rows: VarnishRequest[] = [];
  const emit = emitter('test', VarnishRequest, (row) =>
    rows.push((row as { toObject(): VarnishRequest }).toObject()),
  );
  batch.emit(i, emit as never);
  batch.extract(i).emit(0, emit as never);
  const [row, again] = rows as [VarnishRequest, VarnishRequest];
  expect(reveal(again.tags)).toBe(reveal(row.tags));
  const { partition } = batch;
  const tags = JSON.parse(reveal(row.tags));
  return { row, tags, partition, position: batch.positionAfter(i), origin: batch.origin(i) };
}

const TWO = `*   << Session  >> 1
-   Begin          sess 0 HTTP/1
**  << Request  >> 2
--  Begin          req 1 rxreq
--  ReqURL         /2
**  << Request  >> 3
--  Begin          req 1 rxreq
--  ReqURL         /3

*   << Request  >> 9
-   Begin          req 8 rxreq
-   ReqURL         /9`;

test('a request is read again from any position that was committed, and the end of the file ends the last', async () => {
  const path = join(folder, 'varnish.log');
  writeFileSync(path, TWO);
  const spout = varnish({ mode: 'file', path });
  const all = await readAll(await open(spout));
  expect(all.map(({ row }) => row.vxid)).toEqual([2, 3, 9]);
  expect(all.map(({ tags }) => tags[1])).toEqual([2, 3, 9].map((n) => ['ReqURL', `/${n}`]));
  expect(all.at(-1)!.position).toBe(TWO.length);
  for (const [i, { partition, position }] of all.entries()) {
    const rest = await readAll(await open(spout, new Map([[partition, position]])));
    expect(rest.map(({ row }) => row.vxid)).toEqual([2, 3, 9].slice(i + 1));
  }
  expect(all.map(({ origin }) => origin)).toEqual(
    [0, all[0]!.position, all[1]!.position].map((offset) => ({ file: path, offset })),
  );
});

test('a file longer than one read gives the same requests', async () => {
  const path = sample('varnish/varnishlog-g-request.log');
  if (path === undefined) return;
  const times = 8;
  const long = join(folder, 'long.log');
  writeFileSync(long, Buffer.concat(new Array<Buffer>(times).fill(readFileSync(path))));
  const one = await readAll(await open(varnish({ mode: 'file', path })));
  const many = await readAll(await open(varnish({ mode: 'file', path: long })));
  expect(one).toHaveLength(95);
  expect(many.map(({ tags }) => tags)).toEqual(
    new Array<Read[]>(times).fill(one).flatMap((each) => each.map(({ tags }) => tags)),
  );
  expect(one.filter(({ row }) => row.cut.includes('ReqURL'))).toHaveLength(2);
});

test.each([
  [
    'lines of varnishncsa',
    '192.0.2.1 - - [05/Mar/2016:10:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n',
  ],
  ['varnishlog -g raw', '         0 CLI            - Rd ping\n     32770 ReqURL         c /a\n'],
  ['a binary log', 'VSL2\0\0\0'],
])('%s are refused before the start, without a value of theirs', (_, text) => {
  const path = join(folder, 'other.log');
  writeFileSync(path, text);
  const { assign } = varnish({ mode: 'file', path });
  expect(() => assign!(1, new Map())).toThrow(
    `${path}: is not what "varnishlog -g request" writes, by its first line. Take the spout "file" for lines of varnishncsa.`,
  );
});

test('a log that was cut anywhere, and an empty one, are read', async () => {
  const path = join(folder, 'cut.log');
  for (const text of ['', '\n\n', TWO.slice(TWO.indexOf('--  ReqURL'))]) {
    writeFileSync(path, text);
    const rows = await readAll(await open(varnish({ mode: 'file', path })));
    expect(rows.map(({ row }) => row.vxid)).toEqual(text.length > 2 ? [3, 9] : []);
  }
});

test('a missing file and a second task are refused before the start', async () => {
  const { assign } = varnish({ mode: 'file', path: join(folder, 'none') });
  expect(() => assign!(1, new Map())).toThrow(/none: no such file/);
  expect(() => assign!(2, new Map())).toThrow(/reads with one task, and the topology says 2/);
});
