/** The programs of Varnish that are run, and whether they can be: see varnishncsa(1) and varnishlog(1). @module */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { NcsaFormat } from './format.js';

export interface Command {
  readonly program: 'varnishncsa' | 'varnishlog';
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Which log, and what of it. */
export interface Selection {
  /** `-n` of varnishd. */
  readonly name?: string;
  /** A VSL query, vsl-query(7). */
  readonly query?: string;
}

export const ncsaCommand = ({ text: format, json }: NcsaFormat, of: Selection): Command => ({
  program: 'varnishncsa',
  args: ['-F', format, ...(json ? ['-j'] : []), ...selecting(of)],
  env: environment(),
});

export const logCommand = (of: Selection): Command => ({
  program: 'varnishlog',
  args: ['-c', '-g', 'request', ...selecting(of)],
  env: environment(),
});

const selecting = ({ name, query }: Selection): string[] => [
  ...nameArgs(name),
  ...(query === undefined ? [] : ['-q', query]),
];

export const nameArgs = (name: string | undefined): string[] =>
  name === undefined ? [] : ['-n', name];

/** For all programs: `%{…}t` is in the time zone of the process, and names months in its language. */
export const environment = (): NodeJS.ProcessEnv => ({ ...process.env, TZ: 'UTC', LC_ALL: 'C' });

/** For good: it waits until Varnish is there. */
export const waiting = (command: Command): Command => ({
  ...command,
  args: [...command.args, '-t', 'off'],
});

/**
 * Runs the command once over what is in the log, to see whether it can.
 *
 * @throws Error when the program is missing, Varnish does not run, or the program refuses the query or the format
 */
export async function tryOut({ program, args, env }: Command): Promise<void> {
  const child = spawn(program, [...args, '-d', '-t', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  // One line is proof enough: the log may hold very many.
  child.stdout.once('data', () => child.kill('SIGKILL')).resume();
  const said = text(child.stderr);
  const code = await once(child, 'close').then(
    ([exit]: (number | null)[]) => exit,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (code === 'ENOENT')
    throw new Error(
      `${program} is not installed here. Install Varnish (Debian: apt-get install varnish), or put ${program} on the PATH.`,
    );
  if (code !== 0 && code !== null) throw new Error(refused(program, await said));
}

function refused(program: string, said: string): string {
  const why = said.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  const next = /^VSM:|varnishd/.test(why)
    ? ' Start Varnish before, and give "name" as it was given to varnishd with -n; its folder must be readable for this user (Debian: group varnish).'
    : '';
  return `${program} refuses: ${why}.${next}`.replace('?.', '?');
}
