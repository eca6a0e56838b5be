/** The lines of the graph: the more rows a second, the thicker; the one that leads to what limits is marked. @module */
import type { EdgeStatus, TopologyStatus } from '../../runtime/nimbus/status.js';
import { rate } from '../figures/format.js';
import { leadsToLimit } from '../figures/limit.js';
import { keyOf, pathOf, type Layout } from './layout.js';

interface EdgesOptions {
  readonly drawn: Layout;
  readonly edges: readonly EdgeStatus[];
  readonly limit: TopologyStatus['limit'];
}

const WIDTH_MIN = 1.25;
const WIDTH_MORE = 3.5;

/** Nothing that is not in the tables: readers of the screen have those. */
export function Edges({ drawn, edges, limit }: EdgesOptions) {
  const byKey = new Map(edges.map((edge) => [keyOf(edge), edge]));
  const most = Math.max(1, ...edges.map((edge) => edge.rate));
  return (
    <svg width={drawn.width} height={drawn.height} aria-hidden="true">
      {drawn.lines.map(({ key, points }) => {
        const edge = byKey.get(key);
        if (edge === undefined) return null;
        const { x, y } = points.at(-1)!;
        return (
          <g key={key} class={leadsToLimit(edge, limit) ? 'edge limiting' : 'edge'}>
            <path
              d={pathOf([...points.slice(0, -1), { x, y: y - 6 }])}
              stroke-width={WIDTH_MIN + WIDTH_MORE * Math.sqrt(edge.rate / most)}
            />
            <polygon points={`${x - 5},${y - 8} ${x + 5},${y - 8} ${x},${y}`} />
          </g>
        );
      })}
    </svg>
  );
}

/** Beside each line, its stream and rate. */
export function EdgeLabels({
  drawn,
  edges,
  limit,
  withStream,
}: EdgesOptions & { readonly withStream: boolean }) {
  const byKey = new Map(edges.map((edge) => [keyOf(edge), edge]));
  return (
    <div aria-hidden="true">
      {drawn.lines.map(({ key, label }) => {
        const edge = byKey.get(key);
        if (edge === undefined) return null;
        return (
          <span
            key={key}
            class={leadsToLimit(edge, limit) ? 'edge-label limiting' : 'edge-label'}
            style={{ left: `${label.x}px`, top: `${label.y}px` }}
          >
            {rate(edge.rate)}
            {withStream && <small> {edge.stream}</small>}
          </span>
        );
      })}
    </div>
  );
}
