/** The program of docs/guide/rx.md: sessions and joins are right, and no event is lost when workers are killed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { programOf } from '../docs/markdown.js';
import { importsFor } from '../docs/typescript.js';
import { CliRun, expectExit, killRuns } from '../support/chaos/cli-run.js';
import { untilCommitted } from '../support/chaos/moment.js';
import { rowsIn } from '../support/chaos/numbered.js';

const USERS = 40;
/** After so many views all users pause for an hour. */
const ROUND = 800;
const START_MS = Date.UTC(2026, 0, 1);

interface Session {
  readonly user: string;
  readonly started: string;
  readonly ended: string;
  readonly views: readonly string[];
}

interface Joined {
  readonly view: string;
  readonly shown: string | null;
  readonly clicked: string | null;
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'squall-chaos-'));
  const program = programOf('docs/guide/rx.md');
  writeFileSync(join(folder, 'visits.ts'), `${importsFor(program)}${program}`);
});
afterEach(() => {
  killRuns();
  rmSync(folder, { recursive: true });
});

const userOf = (view: number): string => `user-${view % USERS}`;
const shownAt = (view: number, laterMs = 0): string =>
  new Date(START_MS + view * 1_000 + Math.floor(view / ROUND) * 3_600_000 + laterMs).toISOString();
/** Of every other view. */
const clickedAt = (view: number): string | null => (view % 2 === 0 ? shownAt(view, 500) : null);

function run(views: number): CliRun {
  const lines: string[] = [];
  const add = (view: number, action: string, dt: string): void => {
    const event = { dt, user: userOf(view), view: `${view}`, action };
    lines.push(`${JSON.stringify(event)}\n`);
  };
  for (let view = 0; view < views; view++) {
    add(view, 'view', shownAt(view));
    if (clickedAt(view) !== null) add(view, 'click', clickedAt(view)!);
  }
  writeFileSync(join(folder, 'events.jsonl'), lines.join(''));
  return new CliRun(folder, './visits.ts', ['--workers', '2', '--message-timeout', '2h']);
}

const stored = <T>(name: string): T[] => rowsIn<T>(folder, name);

test('sessions and joins are those of the events, each once', async () => {
  const VIEWS = 2 * ROUND;
  const summary = expectExit(await run(VIEWS).ended, 0);
  expect(summary).toMatchObject({ outcome: 'completed', emitted: 1.5 * VIEWS, acked: 1.5 * VIEWS });
  const sessions = stored<Session>('sessions');
  expect(sessions).toHaveLength(2 * USERS);
  expect(sessions.find(({ user, started }) => user === 'user-1' && started === shownAt(1))).toEqual(
    {
      user: 'user-1',
      started: shownAt(1),
      ended: shownAt(ROUND - USERS + 1),
      views: Array.from({ length: ROUND / USERS }, (_, i) => `${i * USERS + 1}`),
    },
  );
  const joined = stored<Joined>('joined').sort((a, b) => Number(a.view) - Number(b.view));
  expect(joined).toEqual(
    Array.from({ length: VIEWS }, (_, view) => ({
      view: `${view}`,
      shown: shownAt(view),
      clicked: clickedAt(view),
    })),
  );
});

test('no event is lost when each worker is killed while sessions and joins are open', async () => {
  const VIEWS = 14_400;
  const killed = run(VIEWS);
  for (let death = 1; death <= 2; death++) {
    await untilCommitted(killed, folder, death * 1_000);
    const [first, second] = await killed.until('both workers were there', () => {
      const workers = killed.workers();
      return workers.length === 2 && workers;
    });
    process.kill(death === 1 ? first! : second!, 'SIGKILL');
    await killed.until(
      'the death was noticed',
      () => killed.stderr.split(' died (').length > death,
    );
  }
  const summary = expectExit(await killed.ended, 0);
  expect(summary).toMatchObject({ outcome: 'completed', deadLetters: 0, restarts: 2 });
  expect(summary.acked).toBe(1.5 * VIEWS);
  const inSessions = new Set(stored<Session>('sessions').flatMap(({ views }) => views));
  const joined = stored<Joined>('joined');
  const shown = new Set(joined.flatMap(({ view, shown }) => (shown === null ? [] : [view])));
  const clicked = new Set(joined.flatMap(({ view, clicked }) => (clicked === null ? [] : [view])));
  expect([inSessions.size, shown.size, clicked.size]).toEqual([VIEWS, VIEWS, VIEWS / 2]);
});
