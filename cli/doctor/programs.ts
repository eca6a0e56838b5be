/** Programs that some spouts run, or that are used beside Squall. @module */
import { spawnSync } from 'node:child_process';
import { fail, ok, type Check } from './check.js';

export type Program = keyof typeof PROGRAMS;

/** How each tells its version, on stdout or stderr, and what to do without it. */
const PROGRAMS = {
  varnishncsa: { args: ['-V'], next: 'Install it: apt install varnish' },
  varnishlog: { args: ['-V'], next: 'Install it: apt install varnish' },
  java: { args: ['-version'], next: 'Install it: apt install default-jre-headless' },
} as const;

export const programs = Object.keys(PROGRAMS) as Program[];

const PATIENCE_MS = 10_000;

export function programCheck(name: Program): Check {
  const { args, next } = PROGRAMS[name];
  const { error, status, stdout, stderr } = spawnSync(name, args, {
    encoding: 'utf8',
    env: process.env,
    timeout: PATIENCE_MS,
  });
  if (error !== undefined) return fail(name, 'is not there, or does not start', next);
  const [version = ''] = `${stdout}${stderr}`.trim().split('\n');
  return status === 0 ? ok(name, version) : fail(name, `ends with exit code ${status}`, next);
}
