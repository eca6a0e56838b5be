/** A chart drawn by uPlot, in the colours of the page. @module */
import UPlot from 'uplot';

interface PlotOptions {
  /** In CSS pixels. */
  readonly width: number;
  readonly text: (value: number) => string;
  /** The upper end of the scale; null: as high as the line goes. */
  readonly most: number | null;
  /** Called with the index that the reader points at, null when they point nowhere. */
  readonly point: (index: number | null) => void;
}

const HEIGHT = 88;
/** Charts of this name move their cursors together. */
const TOGETHER = 'history';

export function plot(element: HTMLElement, { width, text, most, point }: PlotOptions): UPlot {
  const style = getComputedStyle(element);
  const line = style.getPropertyValue('--chart');
  const axis = {
    stroke: style.getPropertyValue('--muted'),
    grid: { stroke: style.getPropertyValue('--line'), width: 1 },
    ticks: { show: false },
    font: `11px ${style.fontFamily}`,
  };
  const options: UPlot.Options = {
    width,
    height: HEIGHT,
    padding: [9, 16, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false },
      sync: { key: TOGETHER },
      points: { size: 6, fill: line, width: 0 },
    },
    scales: {
      y: { range: (_plot, _least, highest) => [0, most ?? (highest > 0 ? highest * 1.1 : 1)] },
    },
    series: [{}, { stroke: line, fill: style.getPropertyValue('--chart-fill'), width: 1.5 }],
    axes: [
      {
        ...axis,
        size: 20,
        space: 70,
        values: [[60, '{HH}:{mm}', null, null, null, null, null, null, 1]],
      },
      { ...axis, size: 62, space: 28, values: (_plot, ticks) => ticks.map(text) },
    ],
    hooks: { setCursor: [({ cursor }) => point(cursor.idx ?? null)] },
  };
  return new UPlot(options, [[], []], element);
}
