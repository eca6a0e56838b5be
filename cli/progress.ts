/** What a running topology does, on stderr: a live table on a terminal, else a line every two seconds. @module */
import { styleText } from 'node:util';
import type { ComponentFigures } from '../runtime/coordinator/figures.js';
import { count, totals } from './summary.js';

export interface Progress {
  /** Prints a line that stays. */
  say(line: string): void;
  stop(): void;
}

const TABLE_PERIOD_MS = 500;
const LINE_PERIOD_MS = 2000;

export function showProgress(
  topology: string,
  figures: () => readonly ComponentFigures[],
): Progress {
  const terminal = process.stderr.isTTY === true;
  const rates = rateMeter();
  let drawn = 0;
  const erase = (): void => {
    if (drawn > 0) process.stderr.write(`\x1b[${drawn}A\x1b[0J`);
    drawn = 0;
  };
  const draw = (): void => {
    const lines = terminal ? table(topology, figures(), rates) : [line(topology, figures(), rates)];
    erase();
    process.stderr.write(`${lines.join('\n')}\n`);
    if (terminal) drawn = lines.length;
  };
  const timer = setInterval(draw, terminal ? TABLE_PERIOD_MS : LINE_PERIOD_MS);
  return {
    say(text) {
      erase();
      process.stderr.write(`${text}\n`);
    },
    stop() {
      clearInterval(timer);
      erase();
      if (terminal) process.stderr.write(`${table(topology, figures(), rates).join('\n')}\n`);
    },
  };
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

function line(topology: string, components: readonly ComponentFigures[], rates: Rates): string {
  const { emitted, acked, replayed, deadLetters } = totals(components);
  return `${topology}: ${count(emitted)} emitted (${count(rates('', emitted))}/s), ${count(acked)} acked, ${count(replayed)} replayed, ${count(deadLetters)} dead letters`;
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
