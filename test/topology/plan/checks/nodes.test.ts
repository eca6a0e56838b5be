import { expect, test } from '@jest/globals';
import { text } from '../../../../topology/rows/field.js';
import { topology } from '../../../../topology/dsl/topology.js';
import { build } from '../../../../topology/plan/build.js';
import { boltOf, built, cheat, errorOf, refusal, spoutOf } from '../support.js';

const FIELDS = { host: text() };
const spout = spoutOf(FIELDS);

test.each(['', '1st', 'a.b', 'a b', '-a', '_a', 'é', 'a/../b', 'a\nb'])(
  'refuses "%s" as the name of a node',
  (name) => {
    const error = refusal((t) => cheat(t, name, t.spout('lines', spout).shuffle()));
    expect(error.code).toBe('bad-name');
    expect(error.message).toContain(`The sink cannot be named "${name}"`);
  },
);

test('refuses a stream and a topology of such a name, and names all of them at once', () => {
  const bolt = boltOf({ emits: { 'two words': FIELDS } });
  const wrong = topology('my job', (t) => {
    const lines = t.spout('2nd', spout);
    const streams = t.bolt('parse', bolt, { from: lines.shuffle() });
    t.discard(streams['two words']!, 'unused');
  });
  const error = errorOf(() => build(wrong));
  expect(error.code).toBe('bad-name');
  expect(error.message).toContain('The topology cannot be named "my job"');
  expect(error.message).toContain('The spout cannot be named "2nd"');
  expect(error.message).toContain('The stream of "parse" cannot be named "two words"');
});

test('takes letters, digits, dashes and underscores, also where JavaScript has a member of that name', () => {
  expect(() =>
    built((t) => {
      const bolt = boltOf({ emits: { constructor: FIELDS, toString: FIELDS } });
      const streams = t.bolt('hasOwnProperty', bolt, { from: t.spout('a-B_9', spout).shuffle() });
      cheat(t, 'constructor', streams['constructor']!.shuffle());
      cheat(t, 'valueOf', streams['toString']!.shuffle());
    }),
  ).not.toThrow();
});

test('refuses two nodes of one name, and says what they are', () => {
  const error = refusal((t) => {
    const lines = t.spout('same', spout);
    cheat(t, 'same', lines.shuffle());
  });
  expect(error.code).toBe('duplicate-name');
  expect(error.message).toContain('2 nodes are named "same" (spout, sink)');
});

test('refuses a topology without a spout', () => {
  const error = refusal(() => undefined);
  expect(error.code).toBe('no-spout');
  expect(error.message).toContain('Topology "w"');
  expect(error.message).toContain('t.spout');
});

test.each([0, -1, 1.5, 1025, Number.NaN, Infinity, '4', null])('refuses %p tasks', (tasks) => {
  const error = refusal((t) =>
    cheat(t, 'out', t.spout('lines', spout).shuffle(), { tasks: tasks as number }),
  );
  expect(error.code).toBe('bad-tasks');
  expect(error.message).toContain('The sink "out" cannot have');
});

test('refuses a bad number of tasks that the spout itself asks for', () => {
  const error = refusal((t) => cheat(t, 'out', t.spout('lines', { ...spout, tasks: 0 }).shuffle()));
  expect(error.code).toBe('bad-tasks');
  expect(error.message).toContain('"lines" cannot have 0 tasks');
});

test.each([-1, 0.5, Number.NaN, '0', null])('refuses worker %p', (worker) => {
  const error = refusal((t) =>
    cheat(t, 'out', t.spout('lines', spout).shuffle(), { worker: worker as number }),
  );
  expect(error.code).toBe('bad-worker');
  expect(error.message).toContain('The sink "out" cannot run in worker');
});

test('takes 1 to 1024 tasks and worker 0', () => {
  const { plan } = built((t) => {
    const lines = t.spout('lines', { ...spout, tasks: 3 }, { worker: 0 });
    cheat(t, 'one', lines.shuffle(), { tasks: 1 });
    cheat(t, 'many', lines.shuffle(), { tasks: 1024 });
  });
  expect(plan.nodes.map(({ name, tasks, worker }) => [name, tasks, worker])).toEqual([
    ['lines', 3, 0],
    ['one', 1, undefined],
    ['many', 1024, undefined],
  ]);
});
