import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { postMortem } from '../../../runtime/coordinator/post-mortem.js';
import { atWorkPath, writeAtWork } from '../../../runtime/worker/at-work.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'squall-test-'))));
afterEach(() => rmSync(dir, { recursive: true }));

const examine = (how: string) =>
  postMortem({ stateDir: dir, socketDir: dir, worker: 3, epoch: 8 }, how);
const message = { spout: 'in', partition: 'a.log', position: 12 };

test.each([
  ['SIGKILL', false],
  ['SIGTERM', false],
  ['exit code 0', true],
  ['SIGSEGV', true],
  ['SIGABRT', true],
  // While no supervisor was there to see it.
  ['nobody saw how', false],
])('a worker that nobody knows more of than %s ended it by itself: %s', (how, own) => {
  expect(examine(how)).toEqual({
    worker: 3,
    how,
    kind: 'killed-worker',
    own,
    component: undefined,
  });
});

test('what it left is told, and is gone then', () => {
  const path = atWorkPath(dir, 3);
  writeAtWork(path, { component: 'mortal', message, end: 'own' });
  expect(examine('SIGKILL')).toEqual({
    ...{ worker: 3, how: 'SIGKILL', kind: 'killed-worker', own: true },
    ...{ component: 'mortal', message },
  });
  expect(existsSync(path)).toBe(false);
});

test('a blocked worker that was ended is told from one that was killed', () => {
  const root = { worker: 1, slot: 5, generation: 9 };
  writeAtWork(atWorkPath(dir, 3), { component: 'mortal', root, end: 'blocked' });
  expect(examine('SIGKILL')).toMatchObject({ how: 'blocked', kind: 'blocked', own: true, root });
});

test('a worker without memory is told from one that aborted, and its report, which holds the environment, does not stay', () => {
  const path = join(dir, 'out-of-memory-3-8.json');
  writeFileSync(path, JSON.stringify({ header: { trigger: 'OOMError' } }));
  expect(examine('SIGABRT')).toMatchObject({ how: 'out-of-memory', kind: 'out-of-memory' });
  writeFileSync(path, JSON.stringify({ header: { trigger: 'FatalError' } }));
  expect(examine('SIGABRT')).toMatchObject({ how: 'SIGABRT', kind: 'killed-worker' });
  expect(existsSync(path)).toBe(false);
});

test('what was not written to its end says nothing', () => {
  writeFileSync(atWorkPath(dir, 3), '{"component":"mor');
  expect(examine('SIGKILL')).toMatchObject({ component: undefined, own: false });
});

test('of a shorter line written over a longer one only the shorter counts', () => {
  writeFileSync(atWorkPath(dir, 3), '{}\nnent":"mortal"}\n');
  expect(examine('SIGKILL')).toMatchObject({ component: undefined });
});
