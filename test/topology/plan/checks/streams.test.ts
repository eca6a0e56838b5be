import { expect, test } from '@jest/globals';
import { merge } from '../../../../topology/dsl/stream.js';
import { text } from '../../../../topology/rows/field.js';
import { boltOf, built, cheat, handle, refusal, spoutOf } from '../support.js';

const FIELDS = { host: text() };
const spout = spoutOf(FIELDS);
const parse = boltOf({ reads: FIELDS, emits: { requests: FIELDS, malformed: FIELDS } });
const pass = boltOf({ reads: FIELDS, emits: { passed: FIELDS } });

test('refuses bolts and sinks without an input, all of them at once', () => {
  const error = refusal((t) => {
    t.spout('lines', spout);
    t.bolt('parse', parse, {} as never);
    cheat(t, 'out', merge());
  });
  expect(error.code).toBe('missing-input');
  expect(error.message).toContain('The bolt "parse" has no input');
  expect(error.message).toContain('The sink "out" has no input');
});

test('refuses a handle of another topology, and shows the node that was meant', () => {
  const error = refusal((t) => {
    t.spout('lines', spout);
    cheat(t, 'out', handle('liness', 'messages').shuffle());
  });
  expect(error.code).toBe('unknown-node');
  expect(error.message).toContain('"out" reads "liness.messages"');
  expect(error.message).toContain('Did you mean "lines"?');
});

test('refuses a stream that its node does not write', () => {
  const error = refusal((t) => {
    const { malformed } = t.bolt('parse', parse, { from: t.spout('lines', spout).shuffle() });
    t.discard(malformed!, 'noise');
    cheat(t, 'out', handle('parse', 'request').shuffle());
  });
  expect(error.code).toBe('unknown-stream');
  expect(error.message).toContain(
    '"out" reads "parse.request", but "parse" has no stream "request"',
  );
  expect(error.message).toContain('Did you mean "requests"?');
});

test('refuses to discard what nothing writes', () => {
  const error = refusal((t) => {
    cheat(t, 'out', t.spout('lines', spout).shuffle());
    t.discard(handle('parse', 'malformed'), 'noise');
  });
  expect(error.code).toBe('unknown-stream');
  expect(error.message).toContain(
    'The stream "parse.malformed" is discarded, but nothing here writes it',
  );
});

test('refuses a cycle and shows its way', () => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spout);
    t.bolt('a', pass, { from: merge(lines.shuffle(), handle('c', 'passed').shuffle()) });
    t.bolt('b', pass, { from: handle('a', 'passed').shuffle() });
    t.bolt('c', pass, { from: handle('b', 'passed').shuffle() });
  });
  expect(error.code).toBe('cycle');
  expect(error.message).toContain('a -> b -> c -> a');
});

test('refuses a bolt that reads itself', () => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spout);
    t.bolt('a', pass, { from: merge(lines.shuffle(), handle('a', 'passed').shuffle()) });
  });
  expect(error.code).toBe('cycle');
  expect(error.message).toContain('a -> a');
});

test('refuses streams that nobody reads, and says how to discard one', () => {
  const error = refusal((t) => {
    t.spout('other', spout);
    t.bolt('parse', parse, { from: t.spout('lines', spout).shuffle() });
  });
  expect(error.code).toBe('unread-stream');
  expect(error.message).toContain('Nothing reads the stream "other"');
  expect(error.message).toContain('Nothing reads the stream "parse.requests"');
  expect(error.message).toContain(
    'Nothing reads the stream "parse.malformed". Wire it, or discard it with t.discard(stream, reason).',
  );
});

test('refuses a stream that is read and discarded', () => {
  const error = refusal((t) => {
    const lines = t.spout('lines', spout);
    cheat(t, 'out', lines.shuffle());
    t.discard(lines, 'nobody wants it');
  });
  expect(error.code).toBe('read-and-discarded');
  expect(error.message).toContain('The stream "lines" is discarded, but it is read');
});

test.each(['', ' \n', null])('refuses %j as the reason to discard a stream', (reason) => {
  const error = refusal((t) => {
    const { requests, malformed } = t.bolt('parse', parse, {
      from: t.spout('lines', spout).shuffle(),
    });
    cheat(t, 'out', requests!.shuffle());
    t.discard(malformed!, reason as string);
  });
  expect(error.code).toBe('no-reason');
  expect(error.message).toContain('The stream "parse.malformed" is discarded for no reason.');
});

test('a discarded stream stands in the plan with its reason', () => {
  const { plan } = built((t) => {
    const { requests, malformed } = t.bolt('parse', parse, {
      from: t.spout('lines', spout).shuffle(),
    });
    cheat(t, 'out', requests!.shuffle());
    t.discard(malformed!, 'counted elsewhere');
  });
  expect(plan.nodes[1]!.outputs.map(({ stream, discarded }) => [stream, discarded])).toEqual([
    ['malformed', 'counted elsewhere'],
    ['requests', undefined],
  ]);
});
