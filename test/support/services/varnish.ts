/** A Varnish of its own, from Debian: `varnishd -n <folder>` on a free port, as any user. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReading } from '../../../spouts/varnish/log-open.js';
import { freePorts, serverFolder, Service } from './service.js';

export interface VarnishOptions {
  /** A VCL file. */
  readonly vcl: string;
  /** Parameters, e.g. `vsl_space=1M`. */
  readonly parameters?: readonly string[];
}

/** What `varnish` starts. */
export interface Varnish extends Service {
  /** `-n`. */
  readonly instance: string;
  readonly port: number;
  remove(): Promise<void>;
}

/** Without threads that it keeps for thousands of clients. */
const SMALL = ['thread_pools=1', 'thread_pool_min=10'];

/** Starts one; its folder and port stay its own over restarts. */
export async function varnish({ vcl, parameters = [] }: VarnishOptions): Promise<Varnish> {
  const folder = serverFolder('varnish');
  const [port] = await freePorts(1);
  const instance = join(folder.path, 'instance');
  const command = [
    ...['varnishd', '-F', '-j', 'none', '-n', instance, '-a', `127.0.0.1:${port}`],
    ...['-f', vcl, '-s', 'malloc,1M', '-s', 'Transient=malloc,16M'],
    ...[...SMALL, ...parameters].flatMap((parameter) => ['-p', parameter]),
  ];
  const service = new Service({
    name: 'varnish',
    command,
    folder: folder.path,
    // Any answer.
    answers: async () => (await fetch(`http://127.0.0.1:${port}/answers`)).status > 0,
  });
  const remove = async (): Promise<void> => {
    await service.stop();
    folder.remove();
  };
  await service.start();
  return Object.assign(service, { instance, port: port!, remove });
}

/** The varnishncsa or varnishlog that has the log of that instance open. */
export function readerOf(instance: string): number | undefined {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const reader = pids.find(
    (pid) =>
      /^varnish(ncsa|log)\0/.test(textOf(`/proc/${pid}/cmdline`)) &&
      textOf(`/proc/${pid}/maps`).includes(`${instance}/_.vsm_child/_.Log.`),
  );
  return reader === undefined ? undefined : Number(reader);
}

/** Whether all that is logged from now on is read. */
export function isRead(instance: string): boolean {
  const reader = readerOf(instance);
  return reader !== undefined && isReading(reader);
}

/** Who started a process. */
export const parentOf = (pid: number): number | undefined =>
  Number(/^PPid:\s+(\d+)$/m.exec(textOf(`/proc/${pid}/status`))?.[1]) || undefined;

/** Nothing when it has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
