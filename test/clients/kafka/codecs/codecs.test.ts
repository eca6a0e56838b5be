import { describe, expect, test } from '@jest/globals';
import { compressSync } from 'snappy';
import { codecOf, type Compression } from '../../../../clients/kafka/codecs/codecs.js';

const NAMES: readonly Compression[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const TEXT = Buffer.from('GET /wiki/Special:Random HTTP/1.1\n'.repeat(40_000));

describe.each(NAMES)('%s', (name) => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['more than a megabyte', TEXT],
  ])('gives back %s', async (_, bytes) => {
    const codec = codecOf(name);
    const compressed = await codec.compress(bytes);
    expect((await codec.decompress(compressed)).equals(bytes)).toBe(true);
    if (name !== 'none' && bytes.length > 1)
      expect(compressed.length).toBeLessThan(bytes.length / 4);
  });

  test('refuses what is torn', async () => {
    if (name === 'none') return;
    const torn = Buffer.from(await codecOf(name).compress(TEXT)).subarray(0, -9);
    await expect((async () => codecOf(name).decompress(torn))()).rejects.toThrow();
  });
});

test('a compression that Kafka does not know is refused with those it knows', () => {
  expect(() => codecOf('brotli' as Compression)).toThrow('none, gzip, snappy, lz4, zstd');
});

test('snappy without frames is read, too', async () => {
  expect((await codecOf('snappy').decompress(compressSync(TEXT))).equals(TEXT)).toBe(true);
});

test('snappy is framed as the Java client frames it, in blocks of 32 KiB', async () => {
  const framed = await codecOf('snappy').compress(TEXT.subarray(0, 40_000));
  expect(framed.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
  const second = 20 + framed.readInt32BE(16);
  expect(second + 4 + framed.readInt32BE(second)).toBe(framed.length);
});

test('a zstd head that promises too much is refused before any memory is taken', async () => {
  const bomb = Buffer.from('28b52ffde0ffffffffffffff0f0000', 'hex');
  await expect((async () => codecOf('zstd').decompress(bomb))()).rejects.toThrow('256 MiB');
});
