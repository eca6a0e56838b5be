/** Where the components of a topology stand on the page: from top to bottom, as rows flow. @module */
import { Graph, layout as dagre } from '@dagrejs/dagre';

export interface Box {
  readonly name: string;
  readonly left: number;
  readonly top: number;
}

export interface Line {
  readonly key: string;
  /** From the lower side of one box to the upper side of another. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Its left end, at half its height. */
  readonly label: { readonly x: number; readonly y: number };
}

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

/** Of every box and label, in CSS pixels. */
export interface Sizes {
  readonly width: number;
  readonly height: number;
  readonly label: number;
}

interface Wiring {
  readonly components: readonly { readonly name: string }[];
  readonly edges: readonly EdgeName[];
}

interface EdgeName {
  readonly from: string;
  readonly stream: string;
  readonly to: string;
}

const LABEL_HEIGHT = 16;
/** A line that bends does so above its label. */
const BEND_DROP = 8;
/** Room for the mark on what limits, and for the focus ring. */
const MARGIN = 14;

export const keyOf = ({ from, stream, to }: EdgeName): string => `${from} ${stream} ${to}`;

export function layout({ components, edges }: Wiring, sizes: Sizes): Layout {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: 'TB', nodesep: 16, ranksep: 22, marginx: MARGIN, marginy: MARGIN });
  for (const { name } of components)
    graph.setNode(name, { width: sizes.width, height: sizes.height });
  for (const edge of edges)
    graph.setEdge(
      edge.from,
      edge.to,
      { width: sizes.label, height: LABEL_HEIGHT, labelpos: 'r', labeloffset: 8 },
      keyOf(edge),
    );
  dagre(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    boxes: components.map(({ name }) => {
      const { x, y } = graph.node(name);
      return { name, left: x - sizes.width / 2, top: y - sizes.height / 2 };
    }),
    lines: edges.map((edge) => {
      const key = keyOf(edge);
      const { points, x = 0, y = 0 } = graph.edge(edge.from, edge.to, key);
      const drop = points[0]!.x === points.at(-1)!.x ? 0 : BEND_DROP;
      return { key, points, label: { x: x - sizes.label / 2, y: y + drop } };
    }),
  };
}

/** A path that leaves and arrives upright. */
export function pathOf(points: Line['points']): string {
  const [start, ...others] = points;
  let { x, y } = start!;
  let path = `M${x} ${y}`;
  for (const point of others) {
    const middle = (y + point.y) / 2;
    path += `C${x} ${middle} ${point.x} ${middle} ${point.x} ${point.y}`;
    ({ x, y } = point);
  }
  return path;
}
