/** A run's figures: as the JSON that `--json` prints, and as lines for people. @module */
import { join } from 'node:path';
import type { ComponentFigures } from '../runtime/coordinator/figures.js';
import type { RunResult } from '../runtime/coordinator/run-request.js';
import type { OwnMetric } from '../runtime/metrics/own-metrics.js';

export interface Summary {
  readonly topology: string;
  readonly outcome: RunResult['outcome'];
  readonly workers: number;
  readonly durationMs: number;
  /** Messages, once each; `emitted = acked + deadLetters` when completed. */
  readonly emitted: number;
  readonly acked: number;
  /** Attempts after the first. */
  readonly replayed: number;
  /** Attempts that failed. */
  readonly failed: number;
  readonly deadLetters: number;
  readonly restarts: number;
  readonly components: readonly Pick<
    ComponentFigures,
    'name' | 'role' | 'tasks' | 'executed' | 'emitted' | 'acked' | 'failed' | 'latencyMs'
  >[];
  /** What components counted of their own, when any did. */
  readonly metrics?: readonly Pick<OwnMetric, 'component' | 'name' | 'labels' | 'value'>[];
  readonly outputs: readonly string[];
}

export function summaryOf(
  topology: string,
  workers: number,
  durationMs: number,
  result: RunResult,
): Summary {
  const { outcome, restarts, components, ownCounters, outputs } = result;
  const shown = components.map(
    ({ name, role, tasks, executed, emitted, acked, failed, latencyMs }) => ({
      name,
      role,
      tasks,
      executed,
      emitted,
      acked,
      failed,
      latencyMs,
    }),
  );
  const metrics = ownCounters.map(({ component, name, labels, value }) => ({
    component,
    name,
    labels,
    value,
  }));
  return {
    topology,
    outcome,
    workers,
    durationMs: Math.round(durationMs),
    ...totals(components),
    restarts,
    components: shown,
    ...(metrics.length > 0 && { metrics }),
    outputs,
  };
}

/** Of the spouts: what came in and what became of it. */
export function totals(
  components: readonly ComponentFigures[],
): Pick<Summary, 'emitted' | 'acked' | 'replayed' | 'failed' | 'deadLetters'> {
  const spouts = components.filter(({ role }) => role === 'spout');
  const sum = (of: (figures: ComponentFigures) => number): number =>
    spouts.reduce((total, each) => total + of(each), 0);
  return {
    emitted: sum((each) => each.emitted),
    acked: sum((each) => each.acked),
    replayed: sum((each) => each.replayed),
    failed: sum((each) => each.failed),
    deadLetters: sum((each) => each.deadLetters),
  };
}

export const count = (value: number): string => Math.round(value).toLocaleString('en-US');

/** What a person reads at the end. */
export function summaryText(summary: Summary): string {
  const {
    topology,
    outcome,
    durationMs,
    emitted,
    acked,
    replayed,
    deadLetters,
    restarts,
    metrics = [],
    outputs,
  } = summary;
  const seconds = durationMs / 1000;
  const lines = [
    `${topology} ${outcome} after ${seconds.toFixed(1)} s: ${count(emitted)} messages (${count(emitted / seconds)}/s), ${count(acked)} acked, ${count(replayed)} replayed, ${count(deadLetters)} dead letters, ${restarts} worker restarts`,
  ];
  for (const { component, name, labels, value } of metrics)
    if (value !== 0) lines.push(`${component}: ${name}${labelText(labels)} ${count(value)}`);
  if (outputs.length === 1) lines.push(`Output: ${outputs[0]}`);
  if (outputs.length > 1)
    lines.push(`${count(outputs.length)} output files, the first: ${outputs[0]}`);
  return lines.join('\n');
}

/** `{port="514"}`, as Prometheus writes it; nothing when there are none. */
function labelText(labels: OwnMetric['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** Why there are dead letters, and where. */
export function deadLetterText(topology: string, stateDir: string, reasons: Reasons): string {
  const why = reasons.length === 0 ? '' : ` Reasons: ${reasonText(reasons)}.`;
  return `Dead letters are kept, encrypted, in ${join(stateDir, 'dead-letters')}.${why} See them with: squall dlq list ${topology} --state ${stateDir}`;
}

/** The most frequent first. */
export type Reasons = readonly (readonly [reason: string, times: number])[];

export function reasonText(reasons: Reasons): string {
  const shown = reasons
    .slice(0, REASONS_SHOWN)
    .map(([reason, times]) => `${reason} ${count(times)}×`);
  const hidden = reasons.length - shown.length;
  return `${shown.join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}

const REASONS_SHOWN = 3;
