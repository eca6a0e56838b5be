/** `squall doctor`: whether this machine is fit for a run, and what to do if not. @module */
import { Command, Option } from 'commander';
import type { Check } from '../doctor/check.js';
import { clockCheck } from '../doctor/clock.js';
import { folderChecks } from '../doctor/folders.js';
import { programCheck, programs, type Program } from '../doctor/programs.js';
import { socketsCheck } from '../doctor/sockets.js';
import { filesCheck, nodeCheck, receiveBufferCheck } from '../doctor/system.js';
import { EXIT } from '../exit-codes.js';

interface DoctorOptions {
  readonly state: string;
  readonly out: readonly string[];
  readonly with: readonly Program[];
  readonly json?: true;
}

export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('Check this machine: Node, limits, disk, sockets and clock.')
    .option('--state <dir>', 'where state will be kept', '.squall')
    .option('--out <dir...>', 'where sinks will write', ['out'])
    .addOption(
      new Option('--with <program...>', 'programs that must be there, too')
        .choices(programs)
        .default([], 'none'),
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ squall doctor --state /var/lib/squall --out /srv/out --with varnishncsa\n\nExit codes: 0 nothing fails, 1 something does.',
    )
    .action(doctor);

async function doctor(options: DoctorOptions): Promise<void> {
  const checks: Check[] = [
    nodeCheck(),
    filesCheck(),
    receiveBufferCheck(),
    ...(await folderChecks('state', options.state)),
    ...(await Promise.all(options.out.map((folder) => folderChecks('out', folder)))).flat(),
    await socketsCheck(),
    await clockCheck(options.state),
    ...options.with.map(programCheck),
  ];
  const fit = checks.every(({ status }) => status !== 'fail');
  process.stdout.write(options.json ? `${JSON.stringify({ fit, checks })}\n` : textOf(checks));
  process.exitCode = fit ? EXIT.done : EXIT.failed;
}

function textOf(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const lines = checks.flatMap(({ name, status, found, next }) => [
    `${status.padEnd(4)}  ${name.padEnd(width)}  ${found}`,
    ...(next === undefined ? [] : [`${' '.repeat(width + 8)}${next}`]),
  ]);
  return `${lines.join('\n')}\n`;
}
