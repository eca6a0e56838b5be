/** The placement for people: what `--explain` prints. @module */
import type { Placement } from './place.js';

export function explain(placement: Placement): string {
  const { nodes, edges, workers } = placement;
  const name = (from: number, stream: string): string =>
    nodes[from]!.node.role === 'spout' ? nodes[from]!.name : `${nodes[from]!.name}.${stream}`;
  const nodeLines = nodes.map(({ name, node, taskWorkers }) => {
    const at =
      taskWorkers.length === workers && new Set(taskWorkers).size === workers
        ? 'one in each worker'
        : `in worker ${taskWorkers.join(', ')}`;
    return `  ${node.role} ${name} x${taskWorkers.length}: ${at}`;
  });
  const edgeLines = edges.map(({ from, stream, to, grouping, fused }) => {
    const how = [grouping.how, ...(grouping.fields ?? [])].join(' ');
    return `  ${name(from, stream)} -> ${nodes[to]!.name} (${how}): ${fused ? 'fused, rows stay in their worker' : 'cut, rows travel between workers'}`;
  });
  return [
    `${workers} worker${workers === 1 ? '' : 's'}`,
    'tasks',
    ...nodeLines,
    'streams',
    ...edgeLines,
  ].join('\n');
}
