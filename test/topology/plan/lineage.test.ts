import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { copy, declassify, derive, type Origin } from '../../../topology/dsl/lineage.js';
import { merge, type Stream } from '../../../topology/dsl/stream.js';
import type { TopologyBuilder } from '../../../topology/dsl/topology.js';
import { fieldName, fieldsAt, fieldsReport, labelsIn } from '../../../topology/plan/lineage.js';
import type { Plan } from '../../../topology/plan/plan.js';
import { TopologyError } from '../../../topology/plan/topology-error.js';
import { int, list, nullable, pii, text } from '../../../topology/rows/field.js';
import { boltOf, built, cheat, spoutOf, type Fields } from './support.js';

test('reports every field of every stream with its type, kinds, labels and origin', () => {
  const truncated = declassify('ip.truncate', { v4: 24 }, 'ip');
  const { plan } = built((t) => {
    const reads = { ip: pii('ip'), user: nullable(pii('user_id', int())) };
    const requests = t.spout('requests', spoutOf({ ...reads, mails: pii('email', list(text())) }));
    const emits = { safe: { ip: text(), user: nullable(pii('user_id', int())), guess: text() } };
    const bolt = boltOf({ reads, emits, lineage: { safe: { ip: truncated, user: copy('user') } } });
    t.discard(t.bolt('anonymize', bolt, { from: requests.shuffle() })['safe']!, 'unused');
  });
  expect(fieldsReport(plan)).toEqual([
    {
      node: 'requests',
      stream: 'messages',
      field: 'ip',
      type: 'text',
      kinds: ['ip'],
      labels: ['ip'],
    },
    {
      node: 'requests',
      stream: 'messages',
      field: 'user',
      type: 'int or null',
      kinds: ['user_id'],
      labels: ['user_id'],
    },
    {
      node: 'requests',
      stream: 'messages',
      field: 'mails',
      type: 'list of text',
      kinds: ['email'],
      labels: ['email'],
    },
    {
      node: 'anonymize',
      stream: 'safe',
      field: 'ip',
      type: 'text',
      kinds: [],
      labels: [],
      origin: truncated,
    },
    {
      node: 'anonymize',
      stream: 'safe',
      field: 'user',
      type: 'int or null',
      kinds: ['user_id'],
      labels: ['user_id'],
      origin: copy('user'),
    },
    {
      node: 'anonymize',
      stream: 'safe',
      field: 'guess',
      type: 'text',
      kinds: [],
      labels: ['ip', 'user_id'],
      origin: { how: 'all', from: ['ip', 'user'] },
    },
  ]);
});

test('labels of several inputs come together', () => {
  const { plan } = built((t) => {
    const mix = (kind: 'ip' | 'email'): Stream<object> => {
      const bolt = boltOf({
        reads: { raw: pii(kind) },
        emits: { out: { x: text() } },
        lineage: { out: { x: derive('raw') } },
      });
      return t.bolt(`of_${kind}`, bolt, {
        from: t.spout(kind, spoutOf({ raw: pii(kind) })).shuffle(),
      })['out']!;
    };
    const both = boltOf({
      reads: { x: text() },
      emits: { out: { y: text() } },
      lineage: { out: { y: copy('x') } },
    });
    const { out } = t.bolt('both', both, {
      from: merge(mix('ip').shuffle(), mix('email').shuffle()),
    });
    t.discard(out!, 'unused');
  });
  expect(fieldsReport(plan).at(-1)!.labels).toEqual(['email', 'ip']);
});

// --- Random graphs ---

const KINDS = ['ip', 'email', 'user_id'] as const;
const NAMES = ['f0', 'f1', 'f2'];

interface RandomBolt {
  readonly inputs: readonly number[];
  readonly sink: boolean;
  /** Per output field: what its lineage says, and the kind it is declared to be. */
  readonly fields: readonly {
    readonly how: 'copy' | 'derive' | 'declassify' | 'silent';
    readonly from: readonly number[];
    readonly raw: number;
  }[];
}

/** Raw one time in six, so that both safe and unsafe graphs come up. */
const raw = fc.integer({ min: -12, max: 2 });
const bolts: fc.Arbitrary<RandomBolt> = fc.record({
  inputs: fc.array(fc.nat(), { minLength: 1, maxLength: 2 }),
  sink: fc.boolean(),
  fields: fc.array(
    fc.record({
      how: fc.constantFrom('copy', 'derive', 'declassify', 'silent'),
      from: fc.uniqueArray(fc.nat({ max: 2 }), { minLength: 1, maxLength: 2 }),
      raw,
    }),
    { minLength: 3, maxLength: 3 },
  ),
});
const graphs = fc.record({
  spout: fc.array(raw, { minLength: 3, maxLength: 3 }),
  bolts: fc.array(bolts, { maxLength: 10 }),
});

interface Graph {
  readonly spout: readonly number[];
  readonly bolts: readonly RandomBolt[];
}

/**
 * All fields are `int`, sealed or not, and every bolt claims to read whatever its inputs are, so
 * nothing but the privacy check can refuse the graph.
 */
function wire({ spout, bolts: nodes }: Graph): (t: TopologyBuilder) => void {
  return (t) => {
    const declared = (kinds: readonly number[]): Fields =>
      Object.fromEntries(NAMES.map((name, i) => [name, fieldOf(kinds[i]!)]));
    const streams = [{ handle: t.spout('s', spoutOf(declared(spout))), fields: declared(spout) }];
    const read = new Set<Stream<object>>();
    nodes.forEach(({ inputs, sink, fields }, i) => {
      const sources = readable(inputs, streams);
      const from = merge(...sources.map(({ handle }) => handle.shuffle()));
      for (const { handle } of sources) read.add(handle);
      if (sink) return cheat(t, `n${i}`, from);
      const emits = declared(fields.map((field) => field.raw));
      const lineage = {
        out: Object.fromEntries(
          fields.flatMap((field, k) =>
            field.how === 'silent' ? [] : [[NAMES[k]!, originOf(field)]],
          ),
        ),
      };
      const { out } = t.bolt(
        `n${i}`,
        boltOf({ reads: sources[0]!.fields, emits: { out: emits }, lineage }),
        { from },
      );
      streams.push({ handle: out!, fields: emits });
    });
    for (const { handle } of streams) if (!read.has(handle)) t.discard(handle, 'random');
  };
}

const fieldOf = (kind: number): Fields[string] => (kind < 0 ? int() : pii(KINDS[kind]!, int()));

/** The streams at these places whose fields are of the same types as the first's. */
function readable<T extends { fields: Fields }>(
  places: readonly number[],
  streams: readonly T[],
): T[] {
  const chosen = [...new Set(places.map((place) => streams[place % streams.length]!))];
  return chosen.filter(
    ({ fields }) => JSON.stringify(fields) === JSON.stringify(chosen[0]!.fields),
  );
}

function originOf({ how, from }: RandomBolt['fields'][number]): Origin {
  const names = from.map((at) => NAMES[at]!);
  if (how === 'declassify') return declassify('some.method', {}, ...names);
  return how === 'copy' ? copy(names[0]!) : derive(...names);
}

/** By another way: walks forward along every path from every raw field, and says whether a sink is met. */
function rawReachesSink(graph: Graph): boolean {
  const streams: { readers: { bolt: RandomBolt; stream?: number }[]; kinds: readonly number[] }[] =
    [{ readers: [], kinds: graph.spout }];
  for (const bolt of graph.bolts) {
    const all = streams.map((stream) => ({
      ...stream,
      stream,
      fields: Object.fromEntries(NAMES.map((name, i) => [name, fieldOf(stream.kinds[i]!)])),
    }));
    const reader = { bolt, ...(!bolt.sink && { stream: streams.length }) };
    for (const { stream } of readable(bolt.inputs, all)) stream.readers.push(reader);
    if (!bolt.sink) streams.push({ readers: [], kinds: bolt.fields.map((field) => field.raw) });
  }
  const meetsSink = (at: number, field: number): boolean =>
    streams[at]!.readers.some(({ bolt, stream }) => {
      if (stream === undefined) return true;
      return bolt.fields.some(({ how, from }, out) => {
        if (how === 'declassify') return false;
        const takes =
          how === 'silent' || (how === 'copy' ? from[0] === field : from.includes(field));
        return takes && meetsSink(stream, out);
      });
    });
  return streams.some(({ kinds }, at) =>
    kinds.some((kind, field) => kind >= 0 && meetsSink(at, field)),
  );
}

const refused = (graph: Graph): boolean => {
  try {
    built(wire(graph));
    return false;
  } catch (error) {
    if (error instanceof TopologyError && error.code === 'personal-data') return true;
    throw error;
  }
};

test('a wiring is refused exactly when some way brings a raw field to a sink', () => {
  let leaks = 0;
  let safe = 0;
  fc.assert(
    fc.property(graphs, (graph) => {
      const leaky = rawReachesSink(graph);
      if (leaky) leaks++;
      else if (graph.bolts.some(({ sink }) => sink)) safe++;
      expect(refused(graph)).toBe(leaky);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(leaks, safe)).toBeGreaterThan(20);
});

test('to declassify a field never adds a label anywhere', () => {
  fc.assert(
    fc.property(graphs, fc.nat(), fc.nat({ max: 2 }), (graph, at, field) => {
      const open = { ...graph, bolts: graph.bolts.map((bolt) => ({ ...bolt, sink: false })) };
      if (open.bolts.length === 0) return;
      const changed = open.bolts.map((bolt, i) =>
        i !== at % open.bolts.length
          ? bolt
          : {
              ...bolt,
              fields: bolt.fields.map((each, k) =>
                k === field ? { ...each, how: 'declassify' as const } : each,
              ),
            },
      );
      const before = labels(built(wire(open)).plan);
      const after = labels(built(wire({ ...open, bolts: changed })).plan);
      for (const [name, kinds] of after)
        expect(before.get(name)).toEqual(expect.arrayContaining(kinds));
    }),
  );
});

function labels(plan: Plan): Map<string, string[]> {
  const labelsOf = labelsIn(plan);
  return new Map(plan.nodes.flatMap(fieldsAt).map((at) => [fieldName(at), [...labelsOf(at)]]));
}
