/** Many runs, by the built command: in two processes at a time, as they need no other. @module */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';

const MAIN = resolve('dist/runtime/simulation/main.js');

/** What the command prints, and how it ends. */
function simulated(...flags: string[]): Promise<{ output: string; code: number | null }> {
  // Machines come and go; a larger young generation spares a third of the time.
  const child = spawn(process.execPath, ['--max-semi-space-size=64', MAIN, ...flags]);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((done) => child.on('close', (code) => done({ output, code })));
}

const DONE = expect.stringMatching(/^1000 seeds, of which 0 broke a promise/);

test('in 2,000 runs with faults every promise is kept, and enough happened in them', async () => {
  const halves = ['1', '1001'].map((from) => simulated('--seeds', '1000', '--from', from));
  expect(await Promise.all(halves)).toEqual([
    { output: DONE, code: 0 },
    { output: DONE, code: 0 },
  ]);
});

test('each known bug breaks a promise within 2,000 runs', async () => {
  const { output, code } = await simulated('--mutants', '--seeds', '2000');
  expect(output).not.toContain('NOT found');
  expect(output.match(/^found: /gm)!.length).toBeGreaterThanOrEqual(12);
  expect(code).toBe(0);
});
