import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { bolt } from '../../../topology/dsl/bolt.js';
import { reject } from '../../../topology/dsl/reject.js';
import { sink } from '../../../topology/dsl/sink.js';
import { spout } from '../../../topology/dsl/spout.js';
import { topology } from '../../../topology/dsl/topology.js';
import { declassify } from '../../../topology/dsl/lineage.js';
import { int, pii, text } from '../../../topology/rows/field.js';
import type { Pii } from '../../../topology/rows/pii.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';
import { runInMemory } from '../../../runtime/testing/index.js';

type Visit = { readonly ip: Pii<'ip'>; readonly host: string };
const Visit = schema<Visit>('visit', { ip: pii('ip'), host: text() });
type Count = { readonly host: string; readonly visits: number };
const Count = schema<Count>('count', { host: text(), visits: int() });

const nothing = spout<Visit>({
  kind: 'nothing',
  emits: Visit,
  open: () => ({ poll: () => 'done' }),
});

const received = spout<Visit>({
  kind: 'received',
  emits: Visit,
  receive: () => ({ close() {} }),
  open: () => ({ poll: () => 'idle' }),
});

interface Parts {
  readonly open?: Parameters<typeof bolt<Visit, { counts: Count }>>[0]['open'];
  readonly store?: (row: { host: string; visits: number }) => void;
  readonly from?: typeof nothing;
}

/** Visits in, counts out. */
const counting = ({ open, store = () => {}, from = nothing }: Parts = {}) =>
  topology('visits', { params: z.object({ weight: z.number().default(1) }) }, (t, { weight }) => {
    const lineage = {
      counts: {
        host: declassify('test.host', {}, 'host'),
        visits: declassify('test.one', {}, 'host'),
      },
    };
    const count =
      open === undefined
        ? bolt<Visit, { counts: Count }>({
            reads: Visit,
            emits: { counts: Count },
            lineage,
            process: ({ host }, emit) =>
              host === '' ? reject('no host') : emit.counts({ host, visits: weight }),
          })
        : bolt<Visit, { counts: Count }>({ reads: Visit, emits: { counts: Count }, lineage, open });
    const { counts } = t.bolt('count', count, { from: t.spout('visits', from).shuffle() });
    t.sink(
      'out',
      sink<{ host: string; visits: number }>({
        kind: 'out',
        open: () => ({ write: (row) => store(row.toObject()) }),
      }),
      { from: counts.shuffle() },
    );
  });

const visits = (...hosts: string[]) => ({
  visits: hosts.map((host) => ({ ip: '192.0.2.1', host })),
});

describe('runInMemory', () => {
  test('gives the rows of every sink, the dead letters and the figures', async () => {
    const { sinks, deadLetters, components } = await runInMemory(counting(), {
      inputs: visits('a', '', 'b'),
      parameters: { weight: 3 },
    });
    expect(sinks).toEqual({
      out: [
        { host: 'a', visits: 3 },
        { host: 'b', visits: 3 },
      ],
    });
    expect(deadLetters).toEqual([
      expect.objectContaining({
        spout: 'visits',
        origin: { row: 1 },
        attempts: 1,
        reason: { kind: 'rejected', component: 'count', reason: 'no host' },
      }),
    ]);
    expect(
      components.map(({ name, executed, acked, failed, deadLetters }) => ({
        name,
        executed,
        acked,
        failed,
        deadLetters,
      })),
    ).toEqual([
      { name: 'visits', executed: 3, acked: 2, failed: 1, deadLetters: 1 },
      { name: 'count', executed: 3, acked: 2, failed: 1, deadLetters: 0 },
      { name: 'out', executed: 2, acked: 2, failed: 0, deadLetters: 0 },
    ]);
  });

  test('a spout that receives from outside is refused, unless its rows are given', async () => {
    const from = received;
    await expect(runInMemory(counting({ from }))).rejects.toThrow('give its rows in inputs');
    const { sinks } = await runInMemory(counting({ from }), { inputs: visits('a') });
    expect(sinks['out']).toEqual([{ host: 'a', visits: 1 }]);
  });

  test('seals what is given open in a sealed field', async () => {
    const ips: [string, string][] = [];
    const open = () => ({ process: ({ ip }: Visit) => void ips.push([String(ip), reveal(ip)]) });
    await runInMemory(counting({ open }), { inputs: visits('a') });
    expect(ips).toEqual([['[pii:ip]', '192.0.2.1']]);
  });

  test('does not open the sinks unless it is told to', async () => {
    const stored: object[] = [];
    const store = (row: object): void => void stored.push(row);
    await runInMemory(counting({ store }), { inputs: visits('a') });
    expect(stored).toEqual([]);
    const { sinks } = await runInMemory(counting({ store }), {
      inputs: visits('a'),
      realSinks: true,
    });
    expect([stored, sinks]).toEqual([[{ host: 'a', visits: 1 }], {}]);
  });

  test('has a time of its own, which passes only when nothing else is to be done', async () => {
    const times: number[] = [];
    const open: Parts['open'] = ({ hold, now }) => ({
      process() {
        times.push(now());
        hold();
      },
    });
    const startMs = Date.UTC(2016, 0, 1);
    const { deadLetters } = await runInMemory(counting({ open }), {
      inputs: visits('a'),
      startMs,
      messageTimeoutMs: 5000,
      maxAttempts: 2,
    });
    expect(times[0]! - startMs).toBeLessThan(1000);
    expect(times[1]! - startMs).toBeGreaterThanOrEqual(5000);
    expect(times[1]! - startMs).toBeLessThan(6000);
    expect(deadLetters.map(({ reason, attempts }) => [reason.kind, attempts])).toEqual([
      ['timeout', 2],
    ]);
  });

  test('gives each task a folder, the same whenever it asks, that is gone after the run', async () => {
    const dirs: string[] = [];
    const open: Parts['open'] = (context) => {
      for (let i = 0; i < 2; i++) dirs.push(context.stateDir);
      writeFileSync(join(context.stateDir, 'file'), 'kept');
      return { process: () => {} };
    };
    await runInMemory(counting({ open }), { inputs: visits('a') });
    expect(dirs[0]).toBe(dirs[1]);
    expect(existsSync(dirs[0]!)).toBe(false);
  });

  test('keeps state in the folder that it is given, for the next run', async () => {
    const stateDir = mkdtempSync(join(tmpdir(), 'squall-test-'));
    const seen: unknown[] = [];
    const open: Parts['open'] = async (context) => {
      const state = await context.state();
      seen.push(state.get('hosts'));
      return {
        async process({ host }) {
          state.put('hosts', [...((state.get('hosts') as string[]) ?? []), host]);
        },
        close: () => state.flush(),
      };
    };
    const keeping: Parts['open'] = async (context) => {
      const { process, close } = await open(context);
      return { process: (row, emit) => void process!(row, emit), close: close! };
    };
    for (const host of ['a', 'b'])
      await runInMemory(counting({ open: keeping }), { inputs: visits(host), stateDir });
    expect(seen).toEqual([undefined, ['a']]);
    expect(readdirSync(stateDir)).toEqual(['count-0']);
    rmSync(stateDir, { recursive: true });
  });

  test('fails with what a source that breaks says', async () => {
    const broken = spout<Visit>({
      kind: 'broken',
      emits: Visit,
      open: () => ({ poll: () => Promise.reject(new Error('access.log: is gone')) }),
    });
    await expect(runInMemory(counting({ from: broken }))).rejects.toThrow('access.log: is gone');
  });

  test('fails with what a task that cannot be opened or closed says', async () => {
    await expect(
      runInMemory(counting({ open: () => Promise.reject(new Error('no such database')) })),
    ).rejects.toThrow('count: no such database');
    await expect(
      runInMemory(
        counting({
          open: () => ({ process: () => {}, close: () => Promise.reject(new Error('not closed')) }),
        }),
      ),
    ).rejects.toThrow('not closed');
  });
});
