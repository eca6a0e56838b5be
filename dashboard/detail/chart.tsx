/** A line over ten minutes, with its value now, or where the reader points, and its range in words. @module */
import type { Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type UPlot from 'uplot';
import { rangeOf, WINDOW_MS } from '../figures/recent.js';
import { useWidth } from '../graph/use-width.js';
import { darkMode } from './dark-mode.js';
import { plot } from './plot.js';

interface ChartOptions {
  readonly title: string;
  /** Milliseconds since 1970. */
  readonly atMs: readonly number[];
  readonly points: readonly (number | null)[];
  readonly text: (value: number) => string;
  /** The upper end of the scale; null: as high as the line goes. */
  readonly most: number | null;
  /** Which point the reader points at, in this chart or another of the same component. */
  readonly pointed: Signal<number | null>;
}

export function Chart({ title, atMs, points, text, most, pointed }: ChartOptions) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<UPlot | null>(null);
  const width = useWidth(frame);
  const dark = darkMode.value;
  useEffect(() => {
    if (frame.current === null || width === null) return;
    const made = plot(frame.current, { width, text, most, point: (i) => (pointed.value = i) });
    chart.current = made;
    return () => made.destroy();
  }, [width, text, most, dark]);
  // After each render, which is when figures have come.
  useEffect(() => {
    const endMs = atMs.at(-1) ?? Date.now();
    chart.current?.setData([atMs.map((ms) => ms / 1000), [...points]], false);
    chart.current?.setScale('x', { min: (endMs - WINDOW_MS) / 1000, max: endMs / 1000 });
  });
  const shown = points[pointed.value ?? points.length - 1] ?? null;
  const at = pointed.value === null ? undefined : atMs[pointed.value];
  const range = rangeOf(points);
  return (
    <figure>
      <figcaption>
        <span>{title}</span>
        <b>{shown === null ? '–' : text(shown)}</b>
        <small>
          {at !== undefined
            ? `at ${new Date(at).toLocaleTimeString('en-GB')}`
            : range !== null && `${text(range[0])} to ${text(range[1])} in ten minutes`}
        </small>
      </figcaption>
      <div class="plot" ref={frame} aria-hidden="true" />
    </figure>
  );
}
