/** The graph: boxes that can be chosen, over the lines between them. @module */
import { useMemo, useRef } from 'preact/hooks';
import type { TopologyStatus } from '../../runtime/nimbus/status.js';
import { Edges, EdgeLabels } from './edges.js';
import { layout, type Layout, type Sizes } from './layout.js';
import { Node } from './node.js';
import { useWidth } from './use-width.js';

interface GraphViewOptions {
  readonly topology: TopologyStatus;
  readonly chosen: string | undefined;
}

const WIDE: Sizes = { width: 272, height: 70, label: 110 };
/** Two beside each other on a screen of 400 pixels. */
const NARROW: Sizes = { width: 164, height: 88, label: 60 };
const NARROW_BELOW = 560;

export function GraphView({ topology, chosen }: GraphViewOptions) {
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  return (
    <div class="graph-frame" ref={frame}>
      {width !== null && (
        <Drawn topology={topology} chosen={chosen} sizes={width < NARROW_BELOW ? NARROW : WIDE} />
      )}
    </div>
  );
}

function Drawn({ topology, chosen, sizes }: GraphViewOptions & { readonly sizes: Sizes }) {
  const { components, edges, limit } = topology;
  const drawn = useLayout(topology, sizes);
  const byName = new Map(components.map((component) => [component.name, component]));
  const size = { width: `${drawn.width}px`, height: `${drawn.height}px` };
  return (
    <div class="graph" role="group" aria-label={`Graph of ${topology.name}`} style={size}>
      <Edges drawn={drawn} edges={edges} limit={limit} />
      {drawn.boxes.map((box) => {
        const component = byName.get(box.name);
        return (
          component !== undefined && (
            <Node
              key={box.name}
              box={box}
              sizes={sizes}
              narrow={sizes === NARROW}
              component={component}
              limits={limit?.component === box.name}
              chosen={chosen === box.name}
            />
          )
        );
      })}
      <EdgeLabels drawn={drawn} edges={edges} limit={limit} withStream={sizes === WIDE} />
    </div>
  );
}

/** Laid out again only when the wiring or the sizes change: boxes stay where they are. */
function useLayout({ components, edges }: TopologyStatus, sizes: Sizes): Layout {
  const names = components.map(({ name }) => name);
  const wires = edges.map(({ from, stream, to }) => ({ from, stream, to }));
  const key = JSON.stringify([names, wires]);
  return useMemo(() => layout({ components, edges }, sizes), [key, sizes]);
}
