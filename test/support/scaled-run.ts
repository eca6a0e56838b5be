/** A run of the built runtime in a process of its own, with worker processes, that is told to scale a bolt. @module */
import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunResult } from '../../runtime/coordinator/run-request.js';
import { workersOf } from './chaos/processes.js';

/** What a row was when it was counted. */
export interface Tallied {
  readonly key: string;
  readonly number: number;
  readonly sender: number;
  /** How many of its key there were with it. */
  readonly place: number;
  readonly task: number;
}

type Answer =
  | { readonly what: 'scaled'; readonly ms: number }
  | { readonly what: 'refused'; readonly name: string; readonly message: string }
  | { readonly what: 'executed'; readonly rows: number; readonly tasks: number }
  | { readonly what: 'over'; readonly result: RunResult };

const built = (path: string): string => pathToFileURL(resolve('dist', path)).href;

/** `lines` at `rate` a second, counted by key in the bolt `tally`, which begins with one task. */
const topologyOf = (lines: number, rate: number): string => `
import { bolt, declassify, generate, int, jsonLines, RawLine, schema, text, topology } from '${built('index.js')}';
import { reveal } from '${built('topology/reveal.js')}';

const Item = schema('item', { key: text(), number: int(), sender: int() });
const Tallied = schema('tallied', { key: text(), number: int(), sender: int(), place: int(), task: int() });
const made = declassify('made-up', {}, 'line');
const read = bolt({
  reads: RawLine,
  emits: { items: Item },
  lineage: { items: { key: made, number: made, sender: made } },
  open: ({ task }) => ({
    process(row, emit) {
      const [host, number] = reveal(row.line).split('\\t');
      emit.items({ key: host + ' ' + Number(number) % 10, number: Number(number), sender: task });
    },
  }),
});
const tally = bolt({
  reads: Item,
  emits: { tallied: Tallied },
  needs: ['key'],
  remembers: 'keyed',
  async open(context) {
    const state = await context.keyedState();
    let holds = [];
    const store = async () => {
      const stored = holds;
      holds = [];
      await state.flush();
      for (const hold of stored) hold.ack();
    };
    context.every(20, store);
    return {
      process(row, emit) {
        holds.push(context.hold());
        const { key, number, sender } = row;
        emit.tallied({ key, number, sender, place: state.here().increment(key), task: context.task });
      },
      handOver: store,
    };
  },
});

export default topology('tally', (t) => {
  const lines = t.spout('lines', generate({ lines: ${lines}, ratePerSecond: ${rate} }));
  const { items } = t.bolt('read', read, { from: lines.shuffle() });
  const { tallied } = t.bolt('tally', tally, { from: items.by('key'), tasks: 1 });
  t.sink('store', jsonLines({ dir: 'out' }), { from: tallied.shuffle() });
});
`;

const DRIVER = `
import { Run } from '${built('runtime/coordinator/run.js')}';
import { forkWorker } from '${built('runtime/coordinator/worker-handle.js')}';
import { loadTopology } from '${built('runtime/artefact/load.js')}';
import { build } from '${built('topology/plan/build.js')}';
import { preparationOf } from '${built('runtime/coordinator/preparation.js')}';

const module = process.cwd() + '/topology.mjs';
const run = new Run({
  topology: preparationOf(build(await loadTopology(module), {})),
  source: { module },
  parameters: {},
  workers: Number(process.argv[2]),
  stateDir: 'state',
  options: { maxSpoutPending: 2000, maxAttempts: 50, messageTimeoutMs: 30_000, acking: true },
  startWorker: forkWorker(2),
  events: { notice: console.error, resumed() {}, workerDied: console.error, stalled() {} },
});
const tally = () => run.components().find(({ name }) => name === 'tally');
process.on('message', async (message) => {
  if (message.what === 'drain') return run.drain();
  if (message.what === 'look') {
    const { executed, tasks } = tally();
    return process.send({ what: 'executed', rows: executed, tasks });
  }
  const from = performance.now();
  await run.scale(message.component, message.tasks).then(
    () => process.send({ what: 'scaled', ms: performance.now() - from }),
    ({ name, message }) => process.send({ what: 'refused', name, message }),
  );
});
const result = await run.run();
process.send({ what: 'over', result: { ...result, components: result.components.map(({ latency, ...rest }) => rest) } });
process.disconnect();
`;

export class ScaledRun {
  readonly #child: ChildProcess;
  readonly over: Promise<RunResult>;
  #answer: (answer: Answer) => void = () => {};

  /** Writes the topology when there is none, so that a folder can be gone on with. */
  constructor(folder: string, workers: number, lines: number, rate: number) {
    if (!existsSync(resolve('dist'))) throw new Error('Build first: npm run build');
    writeFileSync(join(folder, 'topology.mjs'), topologyOf(lines, rate));
    writeFileSync(join(folder, 'driver.mjs'), DRIVER);
    this.#child = fork(join(folder, 'driver.mjs'), [String(workers)], {
      cwd: folder,
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    this.over = new Promise((resolve, reject) => {
      this.#child.on('exit', () => reject(new Error('The run ended without a result.')));
      this.#child.on('message', (answer: Answer) =>
        answer.what === 'over' ? resolve(answer.result) : this.#answer(answer),
      );
    });
    this.over.catch(() => {});
  }

  /** The pids of its live workers. */
  workers(): number[] {
    return workersOf(this.#child.pid!);
  }

  scale(component: string, tasks: number): Promise<Answer> {
    return this.#ask({ what: 'scale', component, tasks });
  }

  /** Waits until so many more rows were counted. */
  async counts(rows: number): Promise<void> {
    let first: number | undefined;
    for (;;) {
      const answer = await this.#ask({ what: 'look' });
      if (answer.what !== 'executed') throw new Error(`It says ${JSON.stringify(answer)}`);
      first ??= answer.rows;
      if (answer.rows - first >= rows) return;
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  drain(): void {
    this.#child.send({ what: 'drain' });
  }

  kill(): void {
    for (const pid of this.workers()) process.kill(pid, 'SIGKILL');
    this.#child.kill('SIGKILL');
  }

  #ask(message: object): Promise<Answer> {
    const answered = new Promise<Answer>((resolve) => (this.#answer = resolve));
    this.#child.send(message);
    return Promise.race([
      answered,
      this.over.then(() => {
        throw new Error('The run was over.');
      }),
    ]);
  }
}
