import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { bolt } from '../../../topology/dsl/bolt.js';
import { reject } from '../../../topology/dsl/reject.js';
import { int, nullable, pii, text } from '../../../topology/rows/field.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { extend, schema } from '../../../topology/rows/schema.js';
import { feed } from '../../../runtime/testing/index.js';

const Request = schema('request', {
  ip: pii('ip'),
  host: text(),
  status: int(),
  note: nullable(text()),
});
const Located = extend(Request, { country: text() });
const rows = [
  { ip: '192.0.2.1', host: 'a.example', status: 200, note: null },
  { ip: '192.0.2.2', host: 'ü.example', status: 404, note: 'n' },
];

describe('feed', () => {
  test('passes rows on with a field added, and leaves the address sealed', async () => {
    const geotag = bolt({
      reads: Request,
      emits: { located: Located },
      process: (row, emit) => emit.located.from(row, { country: 'FI' }),
    });
    const { streams, failed } = await feed(geotag, rows);
    expect(failed).toEqual([]);
    expect(streams['located']).toMatchObject([
      { host: 'a.example', status: 200, note: null, country: 'FI' },
      { host: 'ü.example', status: 404, note: 'n', country: 'FI' },
    ]);
    expect(inspect(streams['located'])).not.toContain('192.0.2');
    expect(reveal(streams['located']![1]!['ip'] as never)).toBe('192.0.2.2');
  });

  test('tells which rows were rejected and which failed', async () => {
    const odd = bolt({
      reads: Request,
      emits: { fine: Request },
      process(row, emit) {
        if (row.status === 404) reject('not found');
        if (row.host === 'a.example') throw new TypeError(row.host);
        emit.fine(row);
      },
    });
    const out = await feed(odd, rows);
    expect(out.rejected).toEqual([{ row: 1, reason: 'not found' }]);
    expect(out.failed).toEqual([{ row: 0, code: 'TypeError' }]);
    expect(out.notices.join()).not.toContain('a.example');
  });

  test('fails a bolt that spreads a row', async () => {
    const spread = bolt({
      reads: Request,
      emits: { located: Located },
      process: (row, emit) => emit.located({ ...(row as object), country: 'FI' } as never),
    });
    const { failed, notices } = await feed(spread, rows.slice(0, 1));
    expect(failed).toEqual([{ row: 0, code: 'RowError' }]);
    expect(notices[0]).toContain('A row was spread');
  });

  test('anchors what an async bolt emits after it awaited', async () => {
    const slow = bolt({
      reads: Request,
      emits: { later: Request },
      keeps: true,
      async process(row, emit) {
        await Promise.resolve();
        emit.later(row);
      },
    });
    const { streams, failed } = await feed(slow, rows);
    expect(failed).toEqual([]);
    expect(streams['later']).toMatchObject([{ host: 'a.example' }, { host: 'ü.example' }]);
  });

  test('gives a batch of kept rows', async () => {
    const sizes: number[] = [];
    const batch = bolt({
      reads: Request,
      emits: { all: Request },
      processBatch(batch, emit) {
        sizes.push(batch.length);
        for (const row of batch) emit.all(row);
      },
    });
    const { streams, failed } = await feed(batch, rows);
    expect(failed).toEqual([]);
    expect(sizes).toEqual([2]);
    expect(streams['all']).toHaveLength(2);
  });
});
