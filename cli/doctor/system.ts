/** Node, and what the kernel allows. @module */
import { readFileSync } from 'node:fs';
import { RECEIVE_BUFFER_BYTES } from '../../spouts/udp/udp.js';
import { least, ok, fail, warn, type Check } from './check.js';

/** As package.json's engines have it. */
const NODE_LEAST = [20, 19] as const;

export function nodeCheck(version = process.versions.node): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least, leastMinor] = NODE_LEAST;
  if (major > least || (major === least && minor >= leastMinor)) return ok('node', version);
  return fail('node', version, `Install Node ${NODE_LEAST.join('.')} or newer.`);
}

/** A worker has a file open per partition of a sink and task (64 at most), per journal, and a socket per peer. */
const FILES_WARN = 4096;
const FILES_FAIL = 256;

/** @param limits what proc_pid_limits(5) says */
export function filesCheck(limits = textOf('/proc/self/limits')): Check {
  const [, soft] = /^Max open files +(\S+)/m.exec(limits) ?? [];
  if (soft === undefined) return warn('open files', 'unknown', 'Look with: ulimit -n');
  return least('open files', soft === 'unlimited' ? Infinity : Number(soft), {
    found: `at most ${soft} a process`,
    warnBelow: FILES_WARN,
    failBelow: FILES_FAIL,
    next: `Allow more before a run: ulimit -n 65536, or LimitNOFILE=65536 in the unit of systemd.`,
  });
}

/** @param max what the kernel allows for a socket's receive buffer, in bytes */
export function receiveBufferCheck(max = textOf('/proc/sys/net/core/rmem_max')): Check {
  const name = 'udp receive buffer';
  const bytes = parseInt(max, 10);
  if (Number.isNaN(bytes)) return warn(name, 'unknown', 'Look with: sysctl net.core.rmem_max');
  return least(name, bytes, {
    found: `net.core.rmem_max is ${bytes}; the spout "udp" asks for ${RECEIVE_BUFFER_BYTES} bytes`,
    warnBelow: RECEIVE_BUFFER_BYTES,
    failBelow: 0,
    next: `If you receive UDP: sysctl -w net.core.rmem_max=${RECEIVE_BUFFER_BYTES}, and the same in /etc/sysctl.d/ for the next boot.`,
  });
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
