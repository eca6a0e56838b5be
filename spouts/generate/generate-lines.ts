/** Made-up access logs as files. @module */
import { viewOf } from '../../topology/rows/base.js';
import { LineWriter, LINES_PER_SECOND } from './line-writer.js';

/**
 * The first `count` lines of a seed, each with its line feed, in pieces of about 500 lines: what a
 * benchmark or a test writes to a file.
 *
 * @example
 * for (const piece of generateLines(1_000_000, 1)) file.write(piece);
 */
export function* generateLines(count: number, seed = 1): Iterable<Buffer> {
  const writer = new LineWriter(seed, LINES_PER_SECOND);
  for (let first = 0; first < count; first += LINES_PER_PIECE) {
    const bytes = Buffer.allocUnsafe(LINES_PER_PIECE * (writer.lineBytesMax + 1));
    const view = viewOf(bytes);
    let at = 0;
    for (let i = first; i < Math.min(count, first + LINES_PER_PIECE); i++) {
      at = writer.write(i, bytes, view, at);
      bytes[at++] = LINE_FEED;
    }
    yield bytes.subarray(0, at);
  }
}

const LINES_PER_PIECE = 512;
const LINE_FEED = 10;
