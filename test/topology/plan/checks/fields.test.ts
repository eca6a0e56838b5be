import { expect, test } from '@jest/globals';
import { Edge, merge, type Stream } from '../../../../topology/dsl/stream.js';
import {
  bytes,
  flag,
  float,
  int,
  list,
  nullable,
  pii,
  text,
  time,
} from '../../../../topology/rows/field.js';
import type { Field } from '../../../../topology/rows/field.js';
import { boltOf, built, cheat, refusal, spoutOf, type Fields } from '../support.js';

const FIELDS = {
  country: text(),
  status: int(),
  latency: float(),
  tags: list(text()),
  ip: pii('ip'),
};
const TOTALS = { total: int() };

/** Rows of `FIELDS`, read in some way by a bolt that is called "count". */
const reading =
  (
    edge: (lines: Stream<never>) => Edge<object, string>,
    { reads = {}, needs = [] as string[] } = {},
  ) =>
  (t: Parameters<Parameters<typeof built>[0]>[0]): void => {
    const lines = t.spout('lines', spoutOf(FIELDS)) as Stream<never>;
    const { totals } = t.bolt('count', boltOf({ reads, needs, emits: { totals: TOTALS } }), {
      from: edge(lines),
    });
    t.discard(totals!, 'only wiring matters here');
  };

test('refuses a grouping by a field that the stream does not have', () => {
  const error = refusal(reading((lines) => lines.by('contry' as never)));
  expect(error.code).toBe('unknown-field');
  expect(error.message).toContain(
    'The stream "lines" has no field "contry", which it is grouped by at "count"',
  );
  expect(error.message).toContain('Did you mean "country"?');
});

test('refuses "direct" by a field that the stream does not have', () => {
  const error = refusal(reading((lines) => lines.direct('stat' as never)));
  expect(error.code).toBe('unknown-field');
  expect(error.message).toContain('no field "stat"');
});

test.each(['latency', 'tags'])(
  'refuses a grouping by the %s, whose equality means nothing',
  (field) => {
    const error = refusal(reading((lines) => lines.by(field as never)));
    expect(error.code).toBe('bad-grouping');
    expect(error.message).toContain('"count" cannot read "lines" by the');
    expect(error.message).toContain(`field "${field}"`);
  },
);

test('refuses a grouping by no field, and one that does not exist', () => {
  const none = refusal(reading((lines) => lines.by(...([] as never as ['a' & never]))));
  expect(none.code).toBe('bad-grouping');
  expect(none.message).toContain('"count" cannot read "lines" by no field at all');
  const odd = refusal(
    reading(
      () => new Edge([{ node: 'lines', stream: 'messages', grouping: { how: 'random' } as never }]),
    ),
  );
  expect(odd.code).toBe('bad-grouping');
  expect(odd.message).toContain('"count" cannot read "lines" by "random"');
});

test.each<[string, Fields]>([
  ['text', { task: text() }],
  ['float', { task: float() }],
  ['time', { task: time() }],
  ['int or null', { task: nullable(int()) }],
  ['sealed user_id int', { task: pii('user_id', int()) }],
])('refuses "direct" by a field that is %s', (type, fields) => {
  const error = refusal((t) => {
    cheat(t, 'out', (t.spout('lines', spoutOf(fields)) as Stream<never>).direct('task' as never));
  });
  expect(error.code).toBe('not-int');
  expect(error.message).toContain(`"out" reads "lines" direct by "task", which is ${type}`);
});

test.each<[string, (lines: Stream<never>) => Edge<object, string>]>([
  ['shuffle', (lines) => lines.shuffle()],
  ['by status', (lines) => lines.by('status' as never)],
  ['by country', (lines) => lines.by('country' as never)],
  ['by status, country', (lines) => lines.by('status' as never, 'country' as never)],
  ['all', (lines) => lines.all()],
  ['global', (lines) => lines.global()],
  ['custom', (lines) => lines.custom(() => 0)],
])('holds a bolt that needs "by country, status" to it, not "%s"', (how, edge) => {
  const error = refusal(reading(edge, { needs: ['country', 'status'] }));
  expect(error.code).toBe('wrong-grouping');
  expect(error.message).toContain(
    `"count" keeps state per key and needs "by country, status", but reads "lines" "${how}"`,
  );
  expect(error.message).toContain('.by("country", "status")');
});

test('holds every input of such a bolt to it', () => {
  const needs = ['country'];
  const by = (lines: Stream<never>): Edge<object, string> => lines.by('country' as never);
  expect(() => built(reading(by, { needs }))).not.toThrow();
  const error = refusal(
    reading((lines) => merge<object, string>(by(lines), lines.shuffle()), { needs }),
  );
  expect(error.code).toBe('wrong-grouping');
});

test('refuses a bolt that reads a field which an input does not have', () => {
  const error = refusal(
    reading((lines) => lines.shuffle(), { reads: { contry: text(), status: int() } }),
  );
  expect(error.code).toBe('unknown-field');
  expect(error.message).toContain(
    'The stream "lines" has no field "contry", which it is read at "count"',
  );
});

test.each<[string, string, Field, Field]>([
  ['text', 'int', int(), text()],
  ['int', 'float', float(), int()],
  ['text', 'text or null', nullable(text()), text()],
  ['text', 'sealed ip text', pii('ip'), text()],
  ['sealed ip text', 'text', text(), pii('ip')],
  ['sealed ip text', 'sealed user_id text', pii('user_id'), pii('ip')],
  ['list of text', 'list of int', list(int()), list(text())],
])('refuses a bolt that reads as %s what is %s', (wanted, given, field, reads) => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spoutOf({ x: field }));
    const { totals } = t.bolt('count', boltOf({ reads: { x: reads }, emits: { totals: TOTALS } }), {
      from: lines.shuffle(),
    });
    t.discard(totals!, 'only wiring matters here');
  });
  expect(error.code).toBe('wrong-type');
  expect(error.message).toContain(
    `"count" reads the field "x" as ${wanted}, but in the stream "lines" it is ${given}`,
  );
});

test('takes what is never null where null is allowed, and limits do not matter', () => {
  const reads = {
    country: nullable(text({ maxLength: 2 })),
    tags: list(nullable(text())),
    status: int({ min: 0 }),
  };
  expect(() => built(reading((lines) => lines.shuffle(), { reads }))).not.toThrow();
});

test.each<[string, Field]>([
  ['text', text()],
  ['int', int()],
  ['time', time()],
  ['flag', flag()],
  ['bytes', bytes()],
  ['sealed', pii('ip')],
])('groups by a field that is %s', (_type, field) => {
  const { plan } = built((t) => {
    const lines = t.spout('lines', spoutOf({ key: field })) as Stream<never>;
    const { totals } = t.bolt('count', boltOf({ needs: ['key'], emits: { totals: TOTALS } }), {
      from: lines.by('key' as never),
    });
    t.discard(totals!, 'only wiring matters here');
  });
  expect(plan.nodes[1]!.inputs[0]!.grouping).toEqual({ how: 'by', fields: ['key'] });
});

test('refuses a sink whose inputs have other fields than each other', () => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spoutOf({ host: text() }));
    const hits = t.spout('hits', spoutOf({ url: text() }));
    cheat(t, 'archive', merge<object, string>(lines.shuffle(), hits.shuffle()));
  });
  expect(error.code).toBe('wrong-type');
  expect(error.message).toContain(
    'The sink "archive" reads "lines" and "hits", whose fields are not the same',
  );
});
