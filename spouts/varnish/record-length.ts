/** At which length Varnish cuts records: the parameter `vsl_reclen`. @module */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { environment, nameArgs } from './command.js';

/** Varnish's own default, in bytes. */
export const VSL_RECLEN_DEFAULT = 255;
/** And the least that it takes. */
export const VSL_RECLEN_MIN = 16;

/** The longest text of a record. Behind it is a NUL. */
export const textBytes = (vslReclen: number): number => vslReclen - 1;

/**
 * Asks the running Varnish; undefined when it cannot be asked.
 *
 * It answers `Value is: 255b [bytes] (default)`, or `4k` for 4096.
 */
export async function askVslReclen(name: string | undefined): Promise<number | undefined> {
  const args = [...nameArgs(name), '-t', '5', 'param.show', 'vsl_reclen'];
  const answer = await promisify(execFile)('varnishadm', args, { env: environment() }).catch(
    () => undefined,
  );
  const [, value, unit] = /Value is: (\d+)([bk])/.exec(answer?.stdout ?? '') ?? [];
  return value === undefined ? undefined : Number(value) * (unit === 'k' ? 1024 : 1);
}

/** What the operator is told at the start. */
export function cutNotice(vslReclen: number | undefined): string {
  const raise =
    (vslReclen ?? 0) < RAISED
      ? ` To raise it: varnishadm param.set vsl_reclen ${RAISED}, or varnishd -p vsl_reclen=${RAISED}.`
      : '';
  const flagged = 'Longer URLs and headers come cut, and are flagged as such (cut).';
  if (vslReclen !== undefined)
    return `Varnish cuts records at vsl_reclen, which is ${vslReclen} bytes. ${flagged}${raise}`;
  return `Varnish cuts records at vsl_reclen, and varnishadm could not ask how long that is: taken to be ${VSL_RECLEN_DEFAULT} bytes, its default. ${flagged} Give it as vslReclen, or let this user read Varnish's secret file.${raise}`;
}

/** What a page of 4 KiB holds: enough for queries of events, and what the guide says. */
const RAISED = 4084;
