/** A terminal that is drawn over and over, and is as it was when that ends. @module */
import { styleText } from 'node:util';
import { LIMIT_MARK } from './topology-text.js';

const ENTER = '\x1b[?1049h\x1b[?25l';
const LEAVE = '\x1b[?25h\x1b[?1049l';
const HOME = '\x1b[H';
const REST_OF_LINE = '\x1b[K';
const REST = '\x1b[J';
const CTRL_C = '\x03';

export class Screen {
  /** Resolves when the user has had enough: q, or Ctrl-C. */
  readonly left: Promise<void>;
  #lines: readonly string[] = [];

  constructor() {
    process.stdout.write(ENTER);
    process.stdout.on('resize', this.#redraw);
    this.left = new Promise((resolve) => {
      process.once('SIGTERM', resolve);
      process.once('SIGINT', resolve);
      if (!process.stdin.isTTY) return;
      process.stdin.setRawMode(true).setEncoding('utf8');
      process.stdin.on('data', (keys: string) => {
        if (keys.includes('q') || keys.includes(CTRL_C)) resolve();
      });
    });
  }

  /** Lines that are too long, or too many, are cut. */
  draw(lines: readonly string[]): void {
    this.#lines = lines;
    this.#redraw();
  }

  close(): void {
    process.stdout.off('resize', this.#redraw);
    if (process.stdin.isTTY) process.stdin.setRawMode(false).pause();
    process.stdout.write(LEAVE);
  }

  readonly #redraw = (): void => {
    // Some terminals say that they have 0.
    const columns = process.stdout.columns || 80;
    const rows = process.stdout.rows || 24;
    const shown = this.#lines.slice(0, rows - 1).map((line) => {
      const text = line.slice(0, columns);
      return `${line.includes(LIMIT_MARK) ? styleText('bold', text) : text}${REST_OF_LINE}`;
    });
    // One write: half a picture would flicker.
    process.stdout.write(`${HOME}${shown.join('\r\n')}\r\n${REST}`);
  };
}
