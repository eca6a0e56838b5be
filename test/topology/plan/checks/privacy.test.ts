import { describe, expect, test } from '@jest/globals';
import { copy, declassify, derive } from '../../../../topology/dsl/lineage.js';
import { merge } from '../../../../topology/dsl/stream.js';
import { bytes, int, list, pii, text } from '../../../../topology/rows/field.js';
import { boltOf, built, cheat, refusal, spoutOf } from '../support.js';

const LINES = { line: pii('free_text', bytes()), offset: int() };
const REQUESTS = { ip: pii('ip'), host: text() };
const truncated = declassify('ip.truncate', { v4: 24, v6: 48 }, 'ip');
const parsed = (field: string) => ({ [field]: declassify('parse', {}, 'line') });

const parse = boltOf({
  reads: LINES,
  emits: { requests: REQUESTS },
  lineage: { requests: { ...parsed('ip'), ...parsed('host') } },
});
const anonymize = boltOf({
  reads: REQUESTS,
  emits: { safe: { ip: text(), host: text() } },
  lineage: { safe: { ip: truncated, host: copy('host') } },
});

test('refuses raw personal data at a sink, shows the way it came, and says what to do', () => {
  const error = refusal((t) => {
    const { requests } = t.bolt('parse', parse, {
      from: t.spout('lines', spoutOf(LINES)).shuffle(),
    });
    cheat(t, 'leak', requests!.shuffle());
  });
  expect(error.code).toBe('personal-data');
  expect(error.message.split('\n')).toEqual([
    'Topology "w": Raw personal data (ip) would reach the sink "leak": lines.line -> parse.requests.ip -> leak',
    '    lines.line: declared free_text',
    '    parse.requests.ip: declared ip, parse of line',
    '    Anonymize "ip" before "leak", or say in the lineage of "parse" which reviewed method makes it safe: declassify(method, parameters, …fields).',
  ]);
});

test('lets through what was declassified on the way', () => {
  expect(() =>
    built((t) => {
      const { requests } = t.bolt('parse', parse, {
        from: t.spout('lines', spoutOf(LINES)).shuffle(),
      });
      const { safe } = t.bolt('anonymize', anonymize, { from: requests!.shuffle() });
      cheat(t, 'archive', safe!.shuffle());
    }),
  ).not.toThrow();
});

test('a spout straight into a sink is refused, too', () => {
  const error = refusal((t) => cheat(t, 'leak', t.spout('lines', spoutOf(LINES)).all()));
  expect(error.code).toBe('personal-data');
  expect(error.message).toContain('(free_text) would reach the sink "leak": lines.line -> leak');
});

test('every sink, every input and every field of a sink is looked at', () => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spoutOf({ ...LINES, ips: pii('ip', list(text())) }));
    const { requests } = t.bolt('parse', parse, { from: lines.shuffle() });
    const { safe } = t.bolt('anonymize', anonymize, { from: requests!.shuffle() });
    cheat(t, 'first', merge<object, string>(safe!.shuffle(), lines.all()));
    cheat(t, 'second', merge<object, string>(safe!.global(), requests!.global()));
  });
  expect(error.message).toContain('(free_text) would reach the sink "first": lines.line -> first');
  expect(error.message).toContain('(ip) would reach the sink "first": lines.ips -> first');
  expect(error.message).toContain(
    '(ip) would reach the sink "second": lines.line -> parse.requests.ip -> second',
  );
  expect(error.message.match(/would reach/g)).toHaveLength(3);
});

test('a field that the bolt says nothing about counts as derived from all that it reads', () => {
  const error = refusal((t) => {
    const hash = boltOf({ reads: REQUESTS, emits: { hashed: { digest: text() } } });
    const { requests } = t.bolt('parse', parse, {
      from: t.spout('lines', spoutOf(LINES)).shuffle(),
    });
    const { hashed } = t.bolt('hash', hash, { from: requests!.shuffle() });
    cheat(t, 'out', hashed!.shuffle());
  });
  expect(error.message).toContain('lines.line -> parse.requests.ip -> hash.hashed.digest -> out');
  expect(error.message).toContain('hash.hashed.digest: undeclared: all of ip, host');
  expect(error.message).toMatch(
    /"hash" does not say where "digest" comes from, so it counts as .* lineage: copy\(field\)/,
  );
});

test.each([
  ['copy', copy('ip')],
  ['derive', derive('host', 'ip')],
])('%s keeps the labels, also under another name', (_how, origin) => {
  const error = refusal((t) => {
    const rename = boltOf({
      reads: REQUESTS,
      emits: { renamed: { visitor: text() } },
      lineage: { renamed: { visitor: origin } },
    });
    const { requests } = t.bolt('parse', parse, {
      from: t.spout('lines', spoutOf(LINES)).shuffle(),
    });
    const { renamed } = t.bolt('rename', rename, { from: requests!.shuffle() });
    cheat(t, 'out', renamed!.shuffle());
  });
  expect(error.message).toContain('Raw personal data (ip) would reach the sink "out"');
  expect(error.message).toContain('parse.requests.ip -> rename.renamed.visitor -> out');
});

test('a field that is declared raw stays raw, whatever its lineage says', () => {
  const error = refusal((t) => {
    const sealed = boltOf({
      reads: REQUESTS,
      emits: { safe: { ip: pii('ip') } },
      lineage: { safe: { ip: truncated } },
    });
    const { requests } = t.bolt('parse', parse, {
      from: t.spout('lines', spoutOf(LINES)).shuffle(),
    });
    cheat(t, 'out', t.bolt('anonymize', sealed, { from: requests!.shuffle() })['safe']!.shuffle());
  });
  expect(error.code).toBe('personal-data');
});

test('what every object has by birth is no lineage', () => {
  const error = refusal((t) => {
    const bolt = boltOf({ reads: REQUESTS, emits: { constructor: { name: text() } }, lineage: {} });
    const streams = t.bolt('hash', bolt, { from: t.spout('s', spoutOf(REQUESTS)).shuffle() });
    cheat(t, 'out', streams['constructor']!.shuffle());
  });
  expect(error.code).toBe('personal-data');
  expect(error.message).toContain('s.ip -> hash.constructor.name -> out');
});

test('one unsafe input of several is enough', () => {
  const fields = { ip: text() };
  const pass = boltOf({
    reads: fields,
    emits: { passed: fields },
    lineage: { passed: { ip: copy('ip') } },
  });
  const dirty = boltOf({
    reads: REQUESTS,
    emits: { out: fields },
    lineage: { out: { ip: copy('ip') } },
  });
  const error = refusal((t) => {
    const { requests } = t.bolt('parse', parse, {
      from: t.spout('lines', spoutOf(LINES)).shuffle(),
    });
    const { safe } = t.bolt('anonymize', anonymize, { from: requests!.shuffle() });
    const { out } = t.bolt('dirty', dirty, { from: requests!.shuffle() });
    const { passed } = t.bolt('pass', pass, {
      from: merge<object, string>(safe!.shuffle(), out!.shuffle()),
    });
    cheat(t, 'sink', passed!.shuffle());
  });
  expect(error.message).toContain('parse.requests.ip -> dirty.out.ip -> pass.passed.ip -> sink');
});

test('a long way is told hop by hop', () => {
  const error = refusal((t) => {
    const step = boltOf({
      reads: REQUESTS,
      emits: { next: REQUESTS },
      lineage: { next: { ip: copy('ip'), host: copy('host') } },
    });
    let stream = t.spout('s', spoutOf(REQUESTS));
    for (let i = 0; i < 20; i++)
      stream = t.bolt(`b${i}`, step, { from: stream.shuffle() })['next']!;
    cheat(t, 'out', stream.shuffle());
  });
  expect(error.message.split('\n').filter((line) => line.includes(': declared ip'))).toHaveLength(
    21,
  );
});

describe('lineage that cannot be', () => {
  const refused = (lineage: unknown) =>
    refusal((t) => {
      const bolt = boltOf({ reads: REQUESTS, emits: { safe: { ip: text() } }, lineage });
      t.discard(
        t.bolt('anonymize', bolt, { from: t.spout('lines', spoutOf(REQUESTS)).shuffle() })['safe']!,
        'unused',
      );
    });

  test.each([
    [
      'a stream that is not emitted',
      { sane: { ip: truncated } },
      'names the stream "sane", which it does not emit. Did you mean "safe"?',
    ],
    [
      'a field that is not emitted',
      { safe: { host: copy('host') } },
      'for "anonymize.safe.host" names a field that the stream does not have',
    ],
    [
      'a field that is not read',
      { safe: { ip: copy('ipp') } },
      'for "anonymize.safe.ip" names the field "ipp", which the bolt does not read. Did you mean "ip"?',
    ],
    [
      'a member of every object',
      { safe: { ip: copy('constructor') } },
      'names the field "constructor", which the bolt does not read',
    ],
    ['an origin without fields', { safe: { ip: { how: 'copy' } } }, 'names no origin'],
    [
      'a declassification without a method',
      { safe: { ip: { how: 'declassify', from: ['ip'] } } },
      'names no origin',
    ],
    [
      'a declassification by a method without a name',
      { safe: { ip: declassify('', {}, 'ip') } },
      'names no origin. Use copy, derive or declassify, which names its method',
    ],
    [
      'a way that there is not',
      { safe: { ip: { how: 'declasify', from: [] } } },
      'names no origin. Use copy, derive or declassify',
    ],
  ])('is refused: %s', (_what, lineage, message) => {
    const error = refused(lineage);
    expect(error.code).toBe('bad-lineage');
    expect(error.message).toContain('The lineage of "anonymize"');
    expect(error.message).toContain(message);
  });
});
