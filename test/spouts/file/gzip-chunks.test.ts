import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { GzipChunks } from '../../../spouts/file/gzip-chunks.js';
import { inFolder } from './support.js';

interface Unpacked {
  readonly text: string;
  readonly fault: string | undefined;
}

async function unpack(folder: string, bytes: Buffer): Promise<Unpacked> {
  const path = join(folder, 'a.gz');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  const chunks = new GzipChunks({ fd, path }, bytes.length, () => undefined);
  const made: Buffer[] = [];
  for (let chunk = chunks.next(); chunk !== 'end'; chunk = chunks.next()) {
    if (chunk === 'idle') await setImmediate();
    else made.push(chunk);
  }
  chunks.close();
  closeSync(fd);
  return { text: Buffer.concat(made).toString(), fault: chunks.fault };
}

const log = Array.from(
  { length: 30_000 },
  (_, i) => `line ${i} ${(i * 2654435761) % 4294967296}\n`,
).join('');
const packed = gzipSync(log);

test('all members of a file are unpacked, across chunks', () =>
  inFolder(async (folder) => {
    expect(packed.length).toBeGreaterThan(100_000);
    expect(await unpack(folder, Buffer.concat([packed, gzipSync(''), gzipSync('tail\n')]))).toEqual(
      { text: `${log}tail\n`, fault: undefined },
    );
  }));

test('zeros behind the last member are padding', () =>
  inFolder(async (folder) => {
    expect(await unpack(folder, Buffer.concat([gzipSync('a\n'), Buffer.alloc(512)]))).toEqual({
      text: 'a\n',
      fault: undefined,
    });
  }));

test('wherever a file is cut short, what can be unpacked is, and the cut is told', () =>
  inFolder(async (folder) => {
    const two = Buffer.concat([packed, gzipSync('tail\n')]);
    const cuts = fc.integer({ min: 1, max: two.length - 1 }).filter((cut) => cut !== packed.length);
    await fc.assert(
      fc.asyncProperty(cuts, async (cut) => {
        const { text, fault } = await unpack(folder, two.subarray(0, cut));
        expect(fault).toBe('gzip cut short');
        expect(`${log}tail\n`.startsWith(text)).toBe(true);
        // Deflate's state holds back no more than a block's header and some codes.
        if (cut > 200 && cut < packed.length)
          expect(text.length / log.length).toBeCloseTo(cut / packed.length, 1);
        if (cut > packed.length) expect(text.length).toBeGreaterThanOrEqual(log.length);
      }),
      { numRuns: 40 },
    );
  }));

test('garbage behind the last member takes nothing of it away', () =>
  inFolder(async (folder) => {
    expect(await unpack(folder, Buffer.concat([packed, Buffer.from('garbage')]))).toEqual({
      text: log,
      fault: 'gzip corrupt',
    });
  }));

test('what stands before a flipped byte is unpacked', () =>
  inFolder(async (folder) => {
    const broken = Buffer.from(packed);
    broken.fill(0xff, 90_000, 90_100);
    const { text, fault } = await unpack(folder, broken);
    expect(fault).toBe('gzip corrupt');
    expect(text.slice(0, 200_000)).toBe(log.slice(0, 200_000));
  }));

test('a file that is not gzip says so', () =>
  inFolder(async (folder) => {
    expect(await unpack(folder, Buffer.from('plain text\n'))).toEqual({
      text: '',
      fault: 'not gzip',
    });
    for (const beginning of ['\x1f', ''])
      expect(await unpack(folder, Buffer.from(beginning))).toEqual({
        text: '',
        fault: 'gzip cut short',
      });
  }));
