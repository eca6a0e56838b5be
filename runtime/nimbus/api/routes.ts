/** All that can be asked of nimbus over HTTP, but for the page. @module */
import { z } from 'zod';
import {
  ScaleRequest,
  ScaleResult,
  Submission,
  UpgradeRequest,
  UpgradeResult,
} from '../operations.js';
import { History, TopologyStatus, TopologySummary } from '../status.js';
import { logLines } from './log-lines.js';
import { RequestError } from './problem.js';
import { route, type Route } from './route.js';
import { streamOf } from './stream.js';

/** An artefact of 16 MiB, and what is around it. */
const ARTEFACT_BYTES_MAX = 17 * 1024 * 1024;

/** The new artefact or parameters of a topology that runs; all else of it stays. */

const TOPOLOGIES = '/api/v1/topologies';
const TOPOLOGY = `${TOPOLOGIES}/:name`;

const probes: readonly Route[] = [
  route('get', '/livez', {
    id: 'livez',
    summary: 'Whether nimbus is there.',
    gives: 'text/plain',
    handle: () => text('ok\n'),
  }),
  route('get', '/readyz', {
    id: 'readyz',
    summary: 'Whether topologies can be run: the supervisor is there, too.',
    gives: 'text/plain',
    refuses: [503],
    handle({ operations }) {
      if (operations.ready()) return text('ok\n');
      throw new RequestError(503, 'no-supervisor', 'The supervisor is away.');
    },
  }),
  route('get', '/metrics', {
    id: 'metrics',
    summary: 'The metrics of all topologies and of nimbus, as Prometheus reads them.',
    gives: 'text/plain',
    async handle({ operations }) {
      const { contentType, text: metrics } = await operations.metrics();
      return text(metrics, contentType);
    },
  }),
];

const topologies: readonly Route[] = [
  route('get', TOPOLOGIES, {
    id: 'listTopologies',
    summary: 'All topologies.',
    gives: z.array(TopologySummary),
    handle: ({ operations }) => operations.list().map(summaryOf),
  }),
  route('post', TOPOLOGIES, {
    id: 'submitTopology',
    summary: 'Take a topology in, and start it.',
    body: Submission,
    bodyBytesMax: ARTEFACT_BYTES_MAX,
    status: 201,
    gives: TopologyStatus,
    refuses: [409, 503],
    handle: ({ operations }, { body }) => operations.submit(body),
  }),
  route('get', '/api/v1/live', {
    id: 'watchTopologies',
    summary: 'All topologies, once a second: server-sent events "status", with what the list has.',
    gives: 'text/event-stream',
    handle: ({ operations, live }) => live.stream('', () => operations.list().map(summaryOf)),
  }),
];

const topology: readonly Route[] = [
  route('get', TOPOLOGY, {
    id: 'showTopology',
    summary: 'One topology, with the figures of its components.',
    gives: TopologyStatus,
    handle: ({ operations }, { name }) => operations.show(name),
  }),
  route('get', `${TOPOLOGY}/live`, {
    id: 'watchTopology',
    summary: 'One topology, once a second: server-sent events "status"; "gone" when it is no more.',
    gives: 'text/event-stream',
    handle({ operations, live }, { name }) {
      operations.show(name);
      return live.stream(name, () => operations.show(name));
    },
  }),
  route('get', `${TOPOLOGY}/history`, {
    id: 'historyOfTopology',
    summary: 'Ten minutes of its figures.',
    gives: History,
    handle: ({ operations }, { name }) => operations.history(name),
  }),
];

const LINES_MAX = 10_000;

const LogQuery = z.object({
  component: z.string().max(256).optional(),
  /** Of those there are, the newest. */
  lines: z.coerce.number().int().min(0).max(LINES_MAX).default(100),
  /** Whether to go on with what is added. */
  follow: z.enum(['true', 'false']).default('false'),
});

const logs: readonly Route[] = [
  route('get', `${TOPOLOGY}/logs`, {
    id: 'logsOfTopology',
    summary:
      'What its workers have told: a line each, objects as JSON, what its own code prints as it is.',
    needsToken: true,
    query: LogQuery,
    gives: 'text/plain',
    async handle({ operations }, { name, query }) {
      const { component, lines, follow } = query;
      const files = (): Promise<readonly string[]> => operations.logs(name);
      // Refuses before anything is answered.
      await files();
      const wanted = { component, lines, follow: follow === 'true' };
      return text(streamOf((signal) => logLines(files, wanted, signal)));
    },
  }),
];

/** What an operator does to one. A change is durable when it is answered, and done when `reached` is `generation`. */
const changes: readonly Route[] = [
  route('post', `${TOPOLOGY}/scale`, {
    id: 'scaleTopology',
    summary: 'Give bolts other numbers of tasks, or the topology of workers.',
    body: ScaleRequest,
    gives: ScaleResult,
    refuses: [409, 503],
    handle: ({ operations }, { name, body }) => operations.scale(name, body),
  }),
  route('post', `${TOPOLOGY}/upgrade`, {
    id: 'upgradeTopology',
    summary: 'Go over to another artefact, or other parameters.',
    body: UpgradeRequest,
    bodyBytesMax: ARTEFACT_BYTES_MAX,
    gives: UpgradeResult,
    refuses: [409, 503],
    handle: ({ operations }, { name, body }) => operations.upgrade(name, body),
  }),
  route('post', `${TOPOLOGY}/pause`, {
    id: 'pauseTopology',
    summary: 'Have its spouts emit nothing new.',
    status: 202,
    gives: TopologyStatus,
    refuses: [409, 503],
    handle: ({ operations }, { name }) => operations.pause(name),
  }),
  route('post', `${TOPOLOGY}/resume`, {
    id: 'resumeTopology',
    summary: 'Go on after a pause; start it again after it was drained or has failed.',
    status: 202,
    gives: TopologyStatus,
    refuses: [409, 503],
    handle: ({ operations }, { name }) => operations.resume(name),
  }),
  route('post', `${TOPOLOGY}/drain`, {
    id: 'drainTopology',
    summary: 'Finish what is in flight, commit, and stop.',
    status: 202,
    gives: TopologyStatus,
    refuses: [409, 503],
    handle: ({ operations }, { name }) => operations.drain(name),
  }),
  route('delete', TOPOLOGY, {
    id: 'killTopology',
    summary: 'End it at once, and forget it. Its state folder stays.',
    status: 202,
    gives: TopologyStatus,
    refuses: [409, 503],
    handle: ({ operations }, { name }) => operations.kill(name),
  }),
];

export const routes: readonly Route[] = [
  ...probes,
  ...topologies,
  ...topology,
  ...logs,
  ...changes,
];

const text = (content: string | ReadableStream, type = 'text/plain; charset=utf-8'): Response =>
  new Response(content, { headers: { 'content-type': type } });

function summaryOf({
  components: _,
  edges: __,
  workerStatus: ___,
  reasons: ____,
  stateDir: _____,
  ...summary
}: TopologyStatus): TopologySummary {
  return summary;
}
