import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { route } from '../../../bolts/route/route.js';
import { feed } from '../../../runtime/testing/index.js';
import { int, pii, text } from '../../../topology/rows/field.js';
import { reveal } from '../../../topology/rows/reveal.js';
import { schema } from '../../../topology/rows/schema.js';

const Request = schema('request', { host: text(), status: int(), ip: pii('ip') });
const row = (status: number) => ({ host: `h${status}`, status, ip: '192.0.2.1' });
const statuses = (rows: readonly object[] | undefined) =>
  rows!.map((each) => (each as { status: number }).status);

const errors = {
  server: (r: { status: number }) => r.status >= 500,
  any: (r: { status: number }) => r.status >= 400,
};

describe('route', () => {
  test('sends a row to the first stream that takes it, and what none takes to unmatched', async () => {
    const { streams } = await feed(route(Request, errors), [row(200), row(404), row(503)]);
    expect(statuses(streams['server'])).toEqual([503]);
    expect(statuses(streams['any'])).toEqual([404]);
    expect(statuses(streams['unmatched'])).toEqual([200]);
  });

  test('sends a row to every stream that takes it when asked to', async () => {
    const { streams } = await feed(route(Request, errors, { match: 'all' }), [
      row(200),
      row(404),
      row(503),
    ]);
    expect(statuses(streams['server'])).toEqual([503]);
    expect(statuses(streams['any'])).toEqual([404, 503]);
    expect(statuses(streams['unmatched'])).toEqual([200]);
  });

  test('passes rows whole and sealed', async () => {
    const { streams } = await feed(route(Request, errors), [row(404)]);
    const [emitted] = streams['any']!;
    expect(emitted).toMatchObject({ host: 'h404', status: 404 });
    expect(String(emitted!['ip'])).toBe('[pii:ip]');
    expect(reveal(emitted!['ip'] as never)).toBe('192.0.2.1');
  });

  test('fails the row when a predicate throws, and goes on', async () => {
    const odd = (r: { status: number }): boolean => {
      if (r.status === 0) throw new RangeError();
      return true;
    };
    const { streams, failed } = await feed(route(Request, { odd }), [row(0), row(1)]);
    expect(failed).toEqual([{ row: 0, code: 'RangeError' }]);
    expect(statuses(streams['odd'])).toEqual([1]);
  });

  test('loses no row and invents none, whatever the predicates', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 30 }),
        fc.nat(20),
        fc.nat(20),
        async (numbers, a, b) => {
          const { streams } = await feed(
            route(Request, {
              low: (r) => r.status < a,
              even: (r) => r.status % 2 === 0,
              high: (r) => r.status > b,
            }),
            numbers.map(row),
          );
          const all = Object.values(streams).flatMap((rows) => statuses(rows));
          expect(all.sort()).toEqual([...numbers].sort());
        },
      ),
      { numRuns: 20 },
    );
  });

  test('says that every stream copies every field', () => {
    const copies = {
      host: { how: 'copy', from: ['host'] },
      status: { how: 'copy', from: ['status'] },
      ip: { how: 'copy', from: ['ip'] },
    };
    const bolt = route(Request, errors);
    expect(bolt.lineage).toEqual({ server: copies, any: copies, unmatched: copies });
    expect(bolt.parameters).toEqual({ streams: ['server', 'any'], match: 'first' });
  });

  test('types its streams by the names of the predicates', () => {
    const bolt = route(Request, { mobile: (r) => r.host.includes('.m.') });
    expect(Object.keys(bolt.emits)).toEqual(['mobile', 'unmatched']);
    // @ts-expect-error: no such stream
    expect(bolt.emits.desktop).toBeUndefined();
    // @ts-expect-error: no such field
    route(Request, { mobile: (r) => r.nope === 1 });
  });

  test('keeps the name unmatched for itself', () => {
    expect(() => route(Request, { unmatched: () => true })).toThrow(
      'takes what no predicate takes',
    );
  });
});
