/**
 * Increments through the sink `redis`, acked, into a Redis of its own on this machine: `node one.js plain|once <rows>`
 * prints increments a second. 10,000 fields of a hash, so that no two neighbours are the same.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { redis } from '../../bolts/sink/redis/redis.js';
import { spout, type Batch, type Spout } from '../../topology/dsl/spout.js';
import { topology } from '../../topology/dsl/topology.js';
import { text } from '../../topology/rows/field.js';
import type { Emit } from '../../topology/rows/row.js';
import { schema, type RowOf } from '../../topology/rows/schema.js';
import { measureTopology } from '../in-process.js';

const FIELDS = 10_000;
const BATCH = 1_000;

const Hit = schema('hit', { id: text(), page: text() });
type Hit = RowOf<typeof Hit>;

const [, , kind, count = '500000'] = process.argv;
const rows = Number(count);
const dir = mkdtempSync(join(tmpdir(), 'squall-bench-redis-'));
const port = await freePort();
const server = spawn(
  'redis-server',
  ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
  { cwd: dir, stdio: 'ignore' },
);
const failed = once(server, 'error').then(([error]) => Promise.reject(error as Error));
try {
  const counting = topology('redis', (t) => {
    const hits = t.spout('hits', counted(rows));
    const sink = redis({
      port,
      command: 'HINCRBY',
      key: 'hits',
      field: '{page}',
      ...(kind === 'once' && { once: { id: '{id}', window: '1h' } }),
    });
    t.sink('counts', sink, { from: hits.shuffle() });
  });
  const { events, wallMs } = await Promise.race([measureTopology(counting, {}, rows / 6), failed]);
  process.stdout.write(`${JSON.stringify({ value: (1000 * events) / wallMs })}\n`);
} finally {
  server.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}

/** Messages 0 to count - 1, of one row each. */
function counted(count: number): Spout<Hit> {
  return spout<Hit>({
    kind: 'counted',
    emits: Hit,
    tasks: 1,
    open() {
      let at = 0;
      return {
        poll() {
          if (at >= count) return 'done';
          const batch = rowsFrom(at, Math.min(BATCH, count - at));
          at += BATCH;
          return batch;
        },
      };
    },
  });
}

function rowsFrom(first: number, count: number): Batch<Hit> {
  return {
    partition: 'rows',
    count,
    positionAfter: (i) => first + i + 1,
    emit(i: number, emit: Emit<Hit>) {
      const number = first + i;
      emit({ id: `id-${number}`, page: `page-${(number * 7919) % FIELDS}` });
    },
    raw: (i) => Buffer.from(String(first + i)),
    origin: (i) => ({ row: first + i }),
    extract: (i) => rowsFrom(first + i, 1),
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address() as AddressInfo;
  probe.close();
  return free;
}
