/** A component in the graph: a button with its name and figures. @module */
import type { ComponentStatus } from '../../runtime/nimbus/status.js';
import { count, milliseconds, percent, rate } from '../figures/format.js';
import { throughputOf } from '../figures/limit.js';
import { choose } from '../place.js';
import type { Box, Sizes } from './layout.js';

interface NodeOptions {
  readonly box: Box;
  readonly sizes: Sizes;
  /** It has less to say, on more lines. */
  readonly narrow: boolean;
  readonly component: ComponentStatus;
  readonly limits: boolean;
  readonly chosen: boolean;
}

/** Which way rows go: out of a spout, through a bolt, into a sink. */
const SHAPES = { spout: '▷', bolt: '◇', sink: '▣' };

export function Node({ box, sizes, narrow, component, limits, chosen }: NodeOptions) {
  const { name, role, pressure, capacity, latencyMs, taskWorkers } = component;
  const place = {
    left: `${box.left}px`,
    top: `${box.top}px`,
    width: `${sizes.width}px`,
    height: `${sizes.height}px`,
  };
  return (
    <button
      type="button"
      class={`node ${limits ? 'limits' : ''} ${narrow ? 'narrow' : ''}`}
      style={place}
      aria-pressed={chosen}
      onClick={() => choose(name)}
    >
      {limits && (
        <span class="flag">
          <span aria-hidden="true">▲ </span>limits<span class="hidden"> this topology: </span>
        </span>
      )}
      <span class="node-name">
        <span aria-hidden="true">{SHAPES[role]} </span>
        <b>{name}</b>
        <span class="hidden">, {role}, tasks: </span>
        <span class="tasks">
          <span aria-hidden="true">×</span>
          {taskWorkers.length}
        </span>
      </span>
      <span class="node-rate">{rate(throughputOf(component))}</span>
      <span class="node-latency">
        <span class="p50">p50 {milliseconds(latencyMs.p50)} </span>
        p99 {milliseconds(latencyMs.p99)}
      </span>
      <span class="node-pressure">
        {percent(capacity)} {pressure}
      </span>
      <span class="node-rows">
        {component.lag === null ? `${count(component.open)} open` : `lag ${count(component.lag)}`}
      </span>
      <span class="node-bad">{troubleOf(component)}</span>
      <span class="meter" aria-hidden="true">
        <span style={{ width: `${capacity * 100}%` }} />
      </span>
    </button>
  );
}

function troubleOf({ failed, deadLetters }: ComponentStatus): string {
  if (deadLetters > 0) return `${count(deadLetters)} dead`;
  return failed > 0 ? `${count(failed)} failed` : '';
}
