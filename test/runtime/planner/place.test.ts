import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { levels, needsPeers, place, type Placement } from '../../../runtime/planner/place.js';
import { planOf, type How, type NodeParts } from './support.js';

const how = fc.constantFrom<How>('shuffle', 'shuffle', 'by', 'all', 'global', 'direct', 'custom');

/** A plan of up to eight nodes, each of which reads from some before it. */
const plans = fc
  .array(
    fc.record({
      tasks: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
      worker: fc.option(fc.nat(5), { nil: undefined, freq: 6 }),
      from: fc.array(fc.tuple(fc.nat(), how), { maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => {
    const nodes: Record<string, NodeParts> = {};
    for (const [i, { tasks, worker, from }] of parts.entries()) {
      nodes[`n${i}`] = {
        ...(tasks !== undefined && { tasks }),
        ...(worker !== undefined && { worker }),
        from: i === 0 ? {} : Object.fromEntries(from.map(([n, how]) => [`n${n % i}`, how])),
      };
    }
    return planOf(nodes);
  });
const workers = fc.integer({ min: 1, max: 6 });

const workersOf = ({ nodes }: Placement, node: number): readonly number[] =>
  nodes[node]!.taskWorkers;

describe('place', () => {
  test('puts every task on one worker that there is, as many tasks as were asked for', () => {
    fc.assert(
      fc.property(plans, workers, (plan, count) => {
        for (const { node, taskWorkers } of place(plan, count).nodes) {
          for (const worker of taskWorkers) expect(worker >= 0 && worker < count).toBe(true);
          if (node.tasks !== undefined) expect(taskWorkers.length).toBe(node.tasks);
          if (node.worker !== undefined)
            expect(new Set(taskWorkers)).toEqual(new Set([node.worker % count]));
        }
      }),
    );
  });

  test('spreads the tasks of a node evenly: no worker has two more than another', () => {
    fc.assert(
      fc.property(plans, workers, (plan, count) => {
        for (const { node, taskWorkers } of place(plan, count).nodes) {
          if (node.worker !== undefined) continue;
          const loads = Array.from(
            { length: count },
            (_, worker) => taskWorkers.filter((each) => each === worker).length,
          );
          expect(Math.max(...loads) - Math.min(...loads)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('fuses a shuffle where each worker with a sender has a receiver and no receiver would go without, and nothing else', () => {
    fc.assert(
      fc.property(plans, workers, (plan, count) => {
        const placement = place(plan, count);
        for (const { from, to, grouping, fused } of placement.edges) {
          const senders = [...new Set(workersOf(placement, from))].sort();
          const receivers = [...new Set(workersOf(placement, to))].sort();
          expect(fused).toBe(grouping.how === 'shuffle' && String(senders) === String(receivers));
        }
      }),
    );
  });

  test('keeps every input of the plan as one edge, in order', () => {
    fc.assert(
      fc.property(plans, workers, (plan, count) => {
        const { nodes, edges } = place(plan, count);
        const wired = plan.nodes.flatMap(({ name, inputs }) =>
          inputs.map(({ node, stream, grouping }) => ({ node, stream, grouping, name })),
        );
        const placed = edges.map(({ from, stream, grouping, to }) => ({
          node: nodes[from]!.name,
          stream,
          grouping,
          name: nodes[to]!.name,
        }));
        expect(placed).toEqual(wired);
      }),
    );
  });

  test('gives a node one task per worker unless it is told otherwise, and one in all when all rows go to task 0', () => {
    const plan = planOf({
      in: {},
      each: { from: { in: 'shuffle' } },
      total: { from: { each: 'global' } },
      two: { tasks: 2, from: { each: 'by' } },
    });
    expect(place(plan, 3).nodes.map(({ taskWorkers }) => taskWorkers)).toEqual([
      [0, 1, 2],
      [0, 1, 2],
      [2],
      [0, 1],
    ]);
  });

  test('does not crowd nodes of one task into one worker', () => {
    const plan = planOf({
      in: {},
      a: { tasks: 1, from: { in: 'shuffle' } },
      b: { tasks: 1, from: { in: 'shuffle' } },
      c: { tasks: 1, from: { in: 'shuffle' } },
    });
    const alone = place(plan, 3)
      .nodes.slice(1)
      .map(({ taskWorkers }) => taskWorkers[0]);
    expect(new Set(alone).size).toBe(3);
  });
});

describe('levels', () => {
  test('are such that every edge goes down, and each node stands right below one that it reads', () => {
    fc.assert(
      fc.property(plans, workers, (plan, count) => {
        const placement = place(plan, count);
        const depth = levels(placement);
        for (const [node, level] of depth.entries()) {
          const above = placement.edges
            .filter(({ to }) => to === node)
            .map(({ from }) => depth[from]!);
          expect(level).toBe(above.length === 0 ? 0 : Math.max(...above) + 1);
        }
      }),
    );
  });
});

describe('needsPeers', () => {
  test('is so only where rows leave their worker', () => {
    const fused = planOf({ in: {}, out: { from: { in: 'shuffle' } } });
    const keyed = planOf({ in: {}, out: { from: { in: 'by' } } });
    expect(
      [place(fused, 1), place(fused, 2), place(keyed, 1), place(keyed, 2)].map(needsPeers),
    ).toEqual([false, false, false, true]);
  });
});
