/** What a running topology does, on stderr: a live table on a terminal, else a line every two seconds. @module */
import { styleText } from 'node:util';
import type { ComponentFigures } from '../runtime/coordinator/figures.js';
import { HighWater } from '../runtime/metrics/high-water.js';
import { count, totals } from './summary.js';

const TABLE_PERIOD_MS = 500;
const LINE_PERIOD_MS = 2000;

export class Progress {
  readonly topology: string;
  /** Whether there is a table, and not lines. */
  readonly #table: boolean;
  readonly #rates = rateMeter();
  readonly #shown = new HighWater();
  #figures: () => readonly ComponentFigures[] = () => [];
  #line: (text: string, figures: object) => void = () => {};
  #timer: NodeJS.Timeout | undefined;
  /** Lines of the table that stand there now. */
  #drawn = 0;

  constructor(topology: string, table: boolean) {
    this.topology = topology;
    this.#table = table;
  }

  /** @param line takes the lines when there is no table */
  start(
    figures: () => readonly ComponentFigures[],
    line: (text: string, figures: object) => void,
  ): void {
    this.#figures = figures;
    this.#line = line;
    this.#timer = setInterval(() => this.#draw(), this.#table ? TABLE_PERIOD_MS : LINE_PERIOD_MS);
  }

  /** Prints a line that stays. */
  readonly say = (text: string): void => {
    this.#erase();
    process.stderr.write(`${text}\n`);
  };

  /** Leaves the last table standing. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#table) this.#draw();
    this.#drawn = 0;
  }

  #draw(): void {
    const figures = this.#figures().map((each) => this.#held(each));
    if (!this.#table) {
      const shown = lineFigures(figures, this.#rates);
      return this.#line(line(this.topology, shown), shown);
    }
    const lines = table(this.topology, figures, this.#rates);
    this.#erase();
    process.stderr.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** What a dead worker had not committed is uncounted until it is done again: meanwhile figures stand still. */
  #held(figures: ComponentFigures): ComponentFigures {
    const held = (name: 'emitted' | 'acked' | 'deadLetters'): number =>
      this.#shown.of(`${name} ${figures.name}`, figures[name]);
    return {
      ...figures,
      emitted: held('emitted'),
      acked: held('acked'),
      deadLetters: held('deadLetters'),
    };
  }

  #erase(): void {
    if (this.#drawn > 0) process.stderr.write(`\x1b[${this.#drawn}A\x1b[0J`);
    this.#drawn = 0;
  }
}

type Rates = (name: string, total: number) => number;

/** Per second, since the last time it was asked. */
function rateMeter(): Rates {
  const last = new Map<string, { total: number; atMs: number; rate: number }>();
  return (name, total) => {
    const atMs = performance.now();
    const before = last.get(name);
    const elapsedMs = atMs - (before?.atMs ?? 0);
    if (before !== undefined && elapsedMs < 400) return before.rate;
    const rate =
      before === undefined ? 0 : Math.max(0, ((total - before.total) * 1000) / elapsedMs);
    last.set(name, { total, atMs, rate });
    return rate;
  };
}

/** Of a spout, messages emitted; of others, rows taken. */
const worked = ({ role, emitted, executed }: ComponentFigures): number =>
  role === 'spout' ? emitted : executed;

/** What a line says. */
interface LineFigures {
  readonly emitted: number;
  readonly emittedPerSecond: number;
  readonly acked: number;
  readonly replayed: number;
  readonly deadLetters: number;
}

function lineFigures(components: readonly ComponentFigures[], rates: Rates): LineFigures {
  const { emitted, acked, replayed, deadLetters } = totals(components);
  const emittedPerSecond = Math.round(rates('', emitted));
  return { emitted, emittedPerSecond, acked, replayed, deadLetters };
}

function line(topology: string, figures: LineFigures): string {
  const { emitted, emittedPerSecond, acked, replayed, deadLetters } = figures;
  return `${topology}: ${count(emitted)} emitted (${count(emittedPerSecond)}/s), ${count(acked)} acked, ${count(replayed)} replayed, ${count(deadLetters)} dead letters`;
}

const HEAD = ['component', 'tasks', 'rate/s', 'total', 'failed', 'dead letters', 'p99 ms'];

function table(topology: string, components: readonly ComponentFigures[], rates: Rates): string[] {
  const rows = components.map((figures) => {
    const { name, role, tasks, failed, deadLetters, latencyMs } = figures;
    const p99 = latencyMs.p99 === null ? '-' : latencyMs.p99.toFixed(latencyMs.p99 < 10 ? 3 : 0);
    const dead = role === 'spout' ? count(deadLetters) : '';
    return [
      name,
      String(tasks),
      count(rates(name, worked(figures))),
      count(worked(figures)),
      count(failed),
      dead,
      p99,
    ];
  });
  const widths = HEAD.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)));
  const text = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join('  ');
  const bold = (text: string): string =>
    styleText('bold', text, { stream: process.stderr } as never);
  return [bold(topology), bold(text(HEAD)), ...rows.map(text)];
}
