/** `npm run bench`: every figure, what it is against, and how sure it is. See README.md in this folder. @module */
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateLines } from '../spouts/generate/index.js';
import { kafkaWith } from './kafka/input.js';
import { compare, repeat, type Spread } from './measure.js';
import { writeInput } from './web-job/input.js';

interface Figure {
  readonly name: string;
  readonly what: string;
  readonly against: string;
  readonly must: string;
  readonly measure: (rounds: number) => Promise<{ readonly figure: Spread; readonly of?: string }>;
  readonly met: (median: number) => boolean;
  /** By default 5. More where the figure is closer to its bound than one pair is to the next. */
  readonly rounds?: number;
}

const LINES = 600_000;
const MESSAGES = LINES / 3;
const WARMUP = String(LINES / 6);
const GIB = 1024 ** 3;
const MANY_FILES = 8;
const MANY_LINES = 700_000;
const LONG_WARMUP = String(MANY_LINES);

const flag = (name: string): string | undefined =>
  process.argv.find((_, i, all) => all[i - 1] === name);
const given = flag('--rounds');
const only = flag('--only');
const dir = mkdtempSync(join(roomy('/dev/shm', 6 * GIB) ? '/dev/shm' : tmpdir(), 'squall-bench-'));
const web = join(dir, 'web.tsv');
const log = join(dir, 'udp2log.tsv');
const many = join(dir, 'many');
/** Three of its files: what a worker spends on compiling must not show. */
const long = join(many, '[0-2].log');

const figures: readonly Figure[] = [
  {
    name: 'web-job',
    what: 'web job: topology of five bolts, acks and metrics on, µs CPU',
    against: 'hand loop with the same libraries',
    must: '<= 0.65, goal 0.46',
    measure: paired(
      ['web-job/one.js', 'topology', web, dir, WARMUP],
      ['web-job/one.js', 'hand', web, dir, WARMUP],
    ),
    met: (ratio) => ratio <= 0.65,
  },
  {
    name: 'canonicalize',
    what: 'canonicalize in one worker, acks and metrics on, µs CPU',
    against: 'hand loop with the same libraries',
    must: '<= 1.15',
    measure: paired(
      ['canonicalize/one.js', 'topology', log, dir, WARMUP],
      ['canonicalize/one.js', 'hand', log, dir, WARMUP],
    ),
    met: (ratio) => ratio <= 1.15,
  },
  {
    name: 'workers',
    what: 'canonicalize in two workers, events a second',
    against: 'in one worker',
    must: '>= 1.8 on two free cores',
    measure: paired(
      ['canonicalize/one.js', 'workers-2', long, dir, LONG_WARMUP],
      ['canonicalize/one.js', 'workers-1', long, dir, LONG_WARMUP],
    ),
    met: (ratio) => ratio >= 1.8,
    rounds: 11,
  },
  {
    name: 'acking',
    what: 'web job with acks, µs CPU',
    against: 'without: no ledger, holds or replay',
    must: '<= 1.03',
    measure: paired(
      ['web-job/one.js', 'topology', web, dir, WARMUP, 'on'],
      ['web-job/one.js', 'topology', web, dir, WARMUP, 'off'],
    ),
    met: (ratio) => ratio <= 1.03,
    rounds: 21,
  },
  {
    name: 'hop',
    what: 'a row of 16 fields from worker to worker, µs CPU of both',
    against: '-',
    must: '<= 2.5 µs',
    measure: async (times) => ({ figure: await repeat(['hop/one.js', '1000000'], times) }),
    met: (us) => us <= 2.5,
  },
  {
    name: 'varnish',
    what: 'lines of varnishncsa journalled and acked by one worker, thousands a second',
    against: '-',
    must: '>= 50, goal 100',
    measure: async (times) => ({ figure: await repeat(['varnish/one.js', '1000000'], times) }),
    met: (thousands) => thousands >= 50,
  },
  {
    name: 'redis',
    what: 'increments through the sink redis, stored and acked, a second',
    against: '-',
    must: '>= 100 k/s, goal 200 k/s',
    measure: async (times) => ({ figure: await repeat(['redis/one.js', 'plain'], times) }),
    met: (rate) => rate >= 100_000,
  },
  {
    name: 'redis-once',
    what: 'the same, each id once',
    against: '-',
    must: '-',
    measure: async (times) => ({ figure: await repeat(['redis/one.js', 'once'], times) }),
    met: () => true,
  },
  {
    name: 'kafka',
    what: 'kafka -> parse -> anonymize -> kafka, events for a µs of CPU',
    against: 'bare kafkajs loop with the same batches and codecs',
    must: '>= 0.8, goal 0.95',
    measure: throughKafka,
    met: (ratio) => ratio >= 0.8,
  },
  {
    name: 'memory',
    what: 'resident memory of a worker over 2 GB of input, largest, MB',
    against: '-',
    must: '<= 300 MB',
    measure: async () => ({ figure: await repeat(['memory/one.js', 'max', many, dir], 1) }),
    met: (mb) => mb <= 300,
  },
  {
    name: 'memory-growth',
    what: 'the same, median of the last quarter',
    against: 'of the third quarter',
    must: 'flat: <= 1.05',
    measure: async () => ({ figure: await repeat(['memory/one.js', 'growth', many, dir], 1) }),
    met: (ratio) => ratio <= 1.05,
  },
  {
    name: 'recovery',
    what: 'kill -9 of a worker to the first new commit of its successor, p99 of 30, ms',
    against: '-',
    must: '<= 1000, goal 300',
    measure: async () => ({ figure: await repeat(['cluster/one.js', 'recovery'], 1) }),
    met: (ms) => ms <= 1000,
  },
  {
    name: 'submit',
    what: '`squall submit` of a file, typed, to the first row in a bolt, ms',
    against: '-',
    must: '<= 2000, goal 700',
    measure: async (times) => ({ figure: await repeat(['cluster/one.js', 'submit'], times) }),
    met: (ms) => ms <= 2000,
  },
  {
    name: 'idle',
    what: 'nimbus and the supervisor with 50 idle topologies of 8 tasks, % of a core',
    against: '-',
    must: '<= 5, goal 1',
    measure: async () => ({ figure: await repeat(['cluster/one.js', 'idle'], 1) }),
    met: (percent) => percent <= 5,
  },
  {
    name: 'udp',
    what: 'datagrams of 250 bytes journalled without a drop, the highest rate held 60 s, thousands a second',
    against: '-',
    must: '>= 80, goal 150',
    measure: async () => ({ figure: await repeat(['udp/one.js', 'rate', '60'], 1) }),
    met: (rate) => rate >= 80,
  },
  {
    name: 'udp-cpu',
    what: 'the receiving process at 80,000 a second, µs CPU a datagram',
    against: '-',
    must: '-',
    measure: async (times) => ({ figure: await repeat(['udp/one.js', 'cpu', '5'], times) }),
    met: () => true,
  },
];

try {
  await prepare();
  const rows: string[][] = [];
  for (const figure of figures.filter(({ name }) => only === undefined || name === only))
    rows.push(await row(figure));
  const results = rows.map(([name, what, against, median, spread, of, must, met]) => ({
    name,
    what,
    against,
    median,
    spread,
    of,
    must,
    met,
  }));
  if (process.argv.includes('--json'))
    process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  else
    process.stdout.write(
      `${table([['figure', 'what', 'against', 'median', 'min-max', 'of', 'must', 'met'], ...rows])}\n`,
    );
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function row({
  name,
  what,
  against,
  must,
  measure,
  met,
  rounds = 5,
}: Figure): Promise<string[]> {
  process.stderr.write(`${name}: measuring, load ${loadavg()[0]!.toFixed(1)} …\n`);
  const { figure, of = '' } = await measure(Number(given ?? rounds));
  return [
    name,
    what,
    against,
    figure.median.toFixed(3),
    `${figure.min.toFixed(2)}-${figure.max.toFixed(2)}`,
    of,
    must,
    met(figure.median) ? 'yes' : 'no',
  ];
}

function paired(
  a: Parameters<typeof compare>[0],
  b: Parameters<typeof compare>[0],
): Figure['measure'] {
  return async (times) => {
    const { ratio, a: ours, b: theirs } = await compare(a, b, times);
    return { figure: ratio, of: `${ours.median.toPrecision(3)} / ${theirs.median.toPrecision(3)}` };
  };
}

/** The CPU of the bare loop by ours is our rate by its own. */
async function throughKafka(times: number): ReturnType<Figure['measure']> {
  const kafka = await kafkaWith(MESSAGES);
  try {
    const args = [kafka.brokers[0]!, String(MESSAGES), String(MESSAGES / 6)];
    const measure = paired(
      ['kafka/one.js', 'bare', ...args],
      ['kafka/one.js', 'topology', ...args],
    );
    return await measure(times);
  } finally {
    await kafka.remove();
  }
}

async function prepare(): Promise<void> {
  const wanted = (...names: string[]): boolean => only === undefined || names.includes(only);
  process.stderr.write(`writing input to ${dir} …\n`);
  if (wanted('web-job', 'acking')) writeInput(web, LINES);
  if (wanted('canonicalize')) writeLines(log, LINES);
  if (!wanted('workers', 'memory', 'memory-growth')) return;
  mkdirSync(many);
  const big = join(many, '0.log');
  writeLines(big, MANY_LINES);
  for (let i = 1; i < MANY_FILES; i++) await copyFile(big, join(many, `${i}.log`));
}

function writeLines(path: string, count: number): void {
  const fd = openSync(path, 'w');
  for (const piece of generateLines(count, 1)) writeSync(fd, piece);
  closeSync(fd);
}

function roomy(path: string, bytes: number): boolean {
  if (!existsSync(path)) return false;
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize > bytes;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((cells) => cells[i]!.length)));
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
