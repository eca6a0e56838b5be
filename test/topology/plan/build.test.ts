import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import { copy, declassify } from '../../../topology/dsl/lineage.js';
import { merge, type Edge, type Stream } from '../../../topology/dsl/stream.js';
import { topology } from '../../../topology/dsl/topology.js';
import { build } from '../../../topology/plan/build.js';
import { canonicalJson } from '../../../topology/plan/canonical-json.js';
import { int, pii, text } from '../../../topology/rows/field.js';
import { boltOf, built, cheat, refusal, spoutOf, type Fields } from './support.js';

const REQUESTS = { ip: pii('ip'), country: text() };

const anonymize = boltOf({
  reads: REQUESTS,
  emits: { safe: { ip: text(), country: text() } },
  parameters: { ip: { v4: 24 } },
  lineage: { safe: { ip: declassify('ip.truncate', { v4: 24 }, 'ip'), country: copy('country') } },
});
const count = boltOf({
  reads: { country: text() },
  needs: ['country'],
  keeps: true,
  emits: { totals: { n: int() } },
});

const job = topology(
  'job',
  { params: z.object({ tasks: z.number().default(2) }) },
  (t, { tasks }) => {
    const requests = t.spout('requests', spoutOf(REQUESTS), { tasks });
    const { safe } = t.bolt('anonymize', anonymize, { from: requests.shuffle() });
    const { totals } = t.bolt('count', count, {
      from: safe!.by('country' as never),
      tasks: 4,
      worker: 1,
    });
    cheat(
      t,
      'archive',
      merge<object, string>(
        safe!.custom(() => 0),
        safe!.all(),
      ),
    );
    t.discard(totals!, 'not yet');
  },
);

test('the plan is the whole topology as plain data', () => {
  const { plan } = build(job, { tasks: 3 });
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  expect({ ...plan, hash: '' }).toEqual({
    version: 1,
    name: 'job',
    parameters: { tasks: 3 },
    nodes: [
      {
        name: 'requests',
        role: 'spout',
        kind: 'lines',
        tasks: 3,
        inputs: [],
        outputs: [
          {
            stream: 'messages',
            schema: {
              title: 'lines',
              fields: { ip: { type: 'text', pii: 'ip' }, country: { type: 'text' } },
            },
          },
        ],
      },
      {
        name: 'anonymize',
        role: 'bolt',
        kind: 'bolt',
        parameters: { ip: { v4: 24 } },
        reads: {
          title: 'read',
          fields: { ip: { type: 'text', pii: 'ip' }, country: { type: 'text' } },
        },
        lineage: {
          safe: {
            ip: { how: 'declassify', from: ['ip'], method: 'ip.truncate', parameters: { v4: 24 } },
            country: { how: 'copy', from: ['country'] },
          },
        },
        inputs: [{ node: 'requests', stream: 'messages', grouping: { how: 'shuffle' } }],
        outputs: [
          {
            stream: 'safe',
            schema: { title: 'safe', fields: { ip: { type: 'text' }, country: { type: 'text' } } },
          },
        ],
      },
      {
        name: 'count',
        role: 'bolt',
        kind: 'bolt',
        tasks: 4,
        worker: 1,
        reads: { title: 'read', fields: { country: { type: 'text' } } },
        needs: ['country'],
        keeps: true,
        inputs: [
          { node: 'anonymize', stream: 'safe', grouping: { how: 'by', fields: ['country'] } },
        ],
        outputs: [
          {
            stream: 'totals',
            schema: { title: 'totals', fields: { n: { type: 'int' } } },
            discarded: 'not yet',
          },
        ],
      },
      {
        name: 'archive',
        role: 'sink',
        kind: 'any',
        inputs: [
          { node: 'anonymize', stream: 'safe', grouping: { how: 'custom' } },
          { node: 'anonymize', stream: 'safe', grouping: { how: 'all' } },
        ],
        outputs: [],
      },
    ],
    hash: '',
  });
});

test('gives the components by name, as they were declared', () => {
  const { components } = build(job);
  expect([...components.keys()]).toEqual(['requests', 'anonymize', 'count', 'archive']);
  expect(components.get('anonymize')!.component).toBe(anonymize);
});

test('the hash is the SHA-256 of the rest as canonical JSON', () => {
  const { hash, ...rest } = build(job).plan;
  expect(hash).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'));
});

test('the same topology and parameters have the same hash; other ones do not', () => {
  expect(build(job, {}).plan.hash).toBe(build(job, { tasks: 2 }).plan.hash);
  expect(build(job, { tasks: 3 }).plan.hash).not.toBe(build(job, { tasks: 2 }).plan.hash);
});

test('fields keep the order in which they were declared, because rows are laid out by it', () => {
  const { plan } = built((t) =>
    cheat(t, 'out', t.spout('s', spoutOf({ z: text(), a: int(), m: text() })).shuffle()),
  );
  expect(Object.keys(plan.nodes[0]!.outputs[0]!.schema.fields)).toEqual(['z', 'a', 'm']);
});

test.each([
  ['a function', { f: () => 1 }],
  ['a map', { m: new Map() }],
  ['NaN', { n: Number.NaN }],
])('refuses parameters of a component that are no JSON: %s', (_what, parameters) => {
  const error = refusal((t) =>
    cheat(t, 'out', t.spout('lines', { ...spoutOf({ host: text() }), parameters }).shuffle()),
  );
  expect(error.code).toBe('not-json');
  expect(error.message).toContain('"lines" has parameters that are no plain JSON');
});

test('an error of the author goes through as it is', () => {
  expect(() =>
    built(() => {
      throw new RangeError('mine');
    }),
  ).toThrow(RangeError);
});

/** A random acyclic topology as data; node i reads some of the nodes before it. */
const dags = fc
  .array(
    fc.record({
      inputs: fc.array(fc.nat(), { minLength: 1, maxLength: 3 }),
      streams: fc.integer({ min: 1, max: 3 }),
      sink: fc.boolean(),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .chain((nodes) => fc.tuple(fc.constant(nodes), fc.infiniteStream(fc.boolean())));

test('random acyclic topologies build, and the order of the keys of objects does not change the hash', () => {
  fc.assert(
    fc.property(dags, ([nodes, turns]) => {
      const hashOf = (turned: () => boolean): string => {
        const keys = <T extends object>(members: T): T =>
          turned() ? (Object.fromEntries(Object.entries(members).reverse()) as T) : members;
        const fields = (): Fields =>
          keys({ a: keys(text({ minLength: 1, maxLength: 3 }) as object), b: int() } as Fields);
        return built((t) => {
          const streams: Stream<object>[] = [t.spout('s', spoutOf(fields()))];
          const read = new Set<Stream<object>>();
          nodes.forEach(({ inputs, streams: n, sink }, i) => {
            const sources = [...new Set(inputs.map((at) => streams[at % streams.length]!))];
            for (const source of sources) read.add(source);
            const from: Edge<object, string> = merge(...sources.map((source) => source.shuffle()));
            if (sink) return cheat(t, `n${i}`, from);
            const emits = keys(
              Object.fromEntries(Array.from({ length: n }, (_, k) => [`s${k}`, fields()])),
            );
            const bolt = boltOf({
              reads: fields(),
              emits,
              parameters: keys({ x: 1, y: { z: [1] } }),
            });
            const written = t.bolt(`n${i}`, bolt, { from });
            // By name: the order of the handles' keys is what varies here.
            for (let k = 0; k < n; k++) streams.push(written[`s${k}`]!);
          });
          for (const stream of streams) if (!read.has(stream)) t.discard(stream, 'random');
        }).plan.hash;
      };
      const choices = turns[Symbol.iterator]();
      expect(hashOf(() => choices.next().value as boolean)).toBe(hashOf(() => false));
    }),
  );
});
