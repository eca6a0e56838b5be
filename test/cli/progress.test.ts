import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { Progress } from '../../cli/progress.js';
import type { ComponentFigures } from '../../runtime/coordinator/figures.js';
import { perKind } from '../../runtime/ledger/failure.js';
import { Histogram } from '../../runtime/metrics/histogram.js';

let written = '';

beforeEach(() => {
  written = '';
  jest.useFakeTimers();
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
});

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const figures = (role: ComponentFigures['role'], done: number): ComponentFigures => ({
  name: `the-${role}`,
  role,
  tasks: 2,
  executed: done,
  emitted: done,
  acked: done - 1,
  failed: 3,
  replayed: 2,
  deadLetters: 1,
  latencyMs: { p50: 0.5, p99: role === 'spout' ? 250 : 0.1234 },
  latency: new Histogram(),
  streams: [],
  failedBy: { ...perKind(() => 0), failed: 3 },
});

/** A run in which 1,500 messages are done a second. */
function progress(terminal: boolean): Progress {
  let done = 0;
  const showing = new Progress('web', terminal);
  showing.start(() => [figures('spout', (done += 1500)), figures('sink', done)], showing.say);
  return showing;
}

test('without a terminal there is a line every two seconds', () => {
  const showing = progress(false);
  jest.advanceTimersByTime(4000);
  showing.say('a notice');
  showing.stop();
  expect(written.split('\n')).toEqual([
    expect.stringMatching(
      /^web: 1,500 emitted \(.*\/s\), 1,499 acked, 2 replayed, 1 dead letters$/,
    ),
    expect.stringMatching(
      /^web: 3,000 emitted \(.*\/s\), 2,999 acked, 2 replayed, 1 dead letters$/,
    ),
    'a notice',
    '',
  ]);
});

test('on a terminal a table is drawn anew in its place, below what is said, and its last state stays', () => {
  const showing = progress(true);
  jest.advanceTimersByTime(1000);
  showing.say('a notice');
  jest.advanceTimersByTime(500);
  showing.stop();
  showing.stop();
  expect(screenOf(written)).toEqual([
    'a notice',
    'web',
    'component  tasks  rate/s  total  failed  dead letters  p99 ms',
    expect.stringMatching(/^the-spout      2 +[\d,]+  6,000       3             1     250$/),
    expect.stringMatching(/^the-sink       2 +[\d,]+  6,000       3                 0\.123$/),
  ]);
});

test('what a line says is told as figures, too', () => {
  const told: object[] = [];
  const showing = new Progress('web', false);
  showing.start(
    () => [figures('spout', 1500)],
    (_, each) => told.push(each),
  );
  jest.advanceTimersByTime(2000);
  showing.stop();
  expect(told).toEqual([
    { emitted: 1500, emittedPerSecond: 0, acked: 1499, replayed: 2, deadLetters: 1 },
  ]);
});

test('what a dead worker did and did not commit is shown until it is done again', () => {
  const showing = new Progress('web', false);
  let done = 300;
  showing.start(() => [{ ...figures('spout', done), acked: done, deadLetters: 0 }], showing.say);
  for (const next of [300, 0, 200, 400]) {
    done = next;
    jest.advanceTimersByTime(2000);
  }
  showing.stop();
  const shown = [...written.matchAll(/ ([\d,]+) emitted .*?, ([\d,]+) acked/g)];
  expect(shown.map(([, emitted, acked]) => [emitted, acked])).toEqual(
    ['300', '300', '300', '400'].map((figure) => [figure, figure]),
  );
});

/** What stands on a terminal after all was written. */
function screenOf(text: string): string[] {
  let lines: string[] = [];
  for (const part of text.replaceAll('\x1b', '^').split('^[0J')) {
    const [, up = '0'] = /\^\[(\d+)A$/.exec(part) ?? [];
    lines.push(
      ...part
        .replaceAll(/\^\[\d+[Am]/g, '')
        .split('\n')
        .slice(0, -1),
    );
    if (up !== '0') lines = lines.slice(0, -Number(up));
  }
  return lines;
}
