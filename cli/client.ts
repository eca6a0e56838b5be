/** Asks nimbus, by its HTTP API and nothing else. @module */
import type { z } from 'zod';
import { Problem } from '../runtime/nimbus/api/problem.js';
import { ScaleResult, UpgradeResult } from '../runtime/nimbus/operations.js';
import type { ScaleRequest, Submission, UpgradeRequest } from '../runtime/nimbus/operations.js';
import { TopologyStatus, TopologySummary } from '../runtime/nimbus/status.js';
import { addressIn, unreachable, type Address, type ClusterOptions } from './cluster-folder.js';
import { CommandError, EXIT } from './exit-codes.js';
import { eventsIn } from './server-events.js';

/** A stream that is silent has a sign of life every 15 s. */
const SILENCE_MS_MAX = 45_000;
/** Taking an artefact in and looking at it may take a while. */
const ANSWER_MS_MAX = 60_000;

/** Nimbus answered that it does not do it. */
export class RefusedByNimbus extends CommandError {
  /** HTTP's. */
  readonly status: number;

  constructor({ status, detail }: Pick<Problem, 'status' | 'detail'>) {
    super(detail, exitCodeOf(status));
    this.status = status;
  }
}

/** All of these throw CommandError: exit code 4 when nimbus does not answer, else what it refuses. */
export class Client {
  readonly #address: Address;

  constructor(address: Address) {
    this.#address = address;
  }

  /** Of the cluster in a folder. */
  static async of({ cluster }: ClusterOptions): Promise<Client> {
    return new Client(await addressIn(cluster));
  }

  async list(): Promise<TopologySummary[]> {
    return this.#json('GET', '', TopologySummary.array());
  }

  async show(name: string): Promise<TopologyStatus> {
    return this.#json('GET', pathOf(name), TopologyStatus);
  }

  async submit(submission: z.input<typeof Submission>): Promise<TopologyStatus> {
    return this.#json('POST', '', TopologyStatus, submission);
  }

  async scale(name: string, request: z.input<typeof ScaleRequest>): Promise<ScaleResult> {
    return this.#json('POST', `${pathOf(name)}/scale`, ScaleResult, request);
  }

  async upgrade(name: string, request: z.input<typeof UpgradeRequest>): Promise<UpgradeResult> {
    return this.#json('POST', `${pathOf(name)}/upgrade`, UpgradeResult, request);
  }

  async change(name: string, verb: 'pause' | 'resume' | 'drain'): Promise<TopologyStatus> {
    return this.#json('POST', `${pathOf(name)}/${verb}`, TopologyStatus);
  }

  async kill(name: string): Promise<TopologyStatus> {
    return this.#json('DELETE', pathOf(name), TopologyStatus);
  }

  /** Its status now and whenever it is new; ends when it is no more. */
  async *watch(name: string): AsyncGenerator<TopologyStatus, void, undefined> {
    const path = `/api/v1/topologies${pathOf(name)}/live`;
    for await (const { event, data } of eventsIn(this.#stream(path))) {
      if (event === 'gone') return;
      if (event === 'status') yield this.#shaped(TopologyStatus, data);
    }
  }

  /** All of them, now and whenever they are new. */
  async *watchAll(): AsyncGenerator<TopologySummary[], void, undefined> {
    for await (const { event, data } of eventsIn(this.#stream('/api/v1/live')))
      if (event === 'status') yield this.#shaped(TopologySummary.array(), data);
  }

  /** Text as it comes. */
  logs(name: string, query: Record<string, string>): AsyncGenerator<string, void, undefined> {
    const search = new URLSearchParams(query).toString();
    return this.#stream(`/api/v1/topologies${pathOf(name)}/logs?${search}`);
  }

  async #json<S extends z.ZodType>(
    method: string,
    path: string,
    shape: S,
    body?: object,
  ): Promise<z.infer<S>> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    return this.#reaching(async () => {
      const answer = await this.#ask(method, `/api/v1/topologies${path}`, signal, body);
      return this.#shaped(shape, await answer.text());
    });
  }

  async *#stream(path: string): AsyncGenerator<string, void, undefined> {
    const gone = new AbortController();
    const watch = setTimeout(() => gone.abort(), SILENCE_MS_MAX);
    try {
      const answer = await this.#reaching(() => this.#ask('GET', path, gone.signal));
      const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
      const parts = reader[Symbol.asyncIterator]();
      for (;;) {
        const part = await this.#reaching(() => parts.next());
        if (part.done) return;
        watch.refresh();
        yield part.value;
      }
    } finally {
      clearTimeout(watch);
      gone.abort();
    }
  }

  /** @throws CommandError for whatever is not an answer that it was done */
  async #ask(method: string, path: string, signal: AbortSignal, body?: object): Promise<Response> {
    const { url, token } = this.#address;
    const answer = await fetch(url + path, {
      method,
      signal,
      redirect: 'error',
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    throw new RefusedByNimbus(this.#shaped(Problem, await answer.text()));
  }

  /** Whatever fetch throws means that nobody answers, or no longer. */
  async #reaching<T>(asking: () => Promise<T>): Promise<T> {
    try {
      return await asking();
    } catch (error) {
      throw error instanceof CommandError ? error : unreachable(`at ${this.#address.url}`);
    }
  }

  #shaped<S extends z.ZodType>(shape: S, text: string): z.infer<S> {
    try {
      return shape.parse(JSON.parse(text));
    } catch {
      throw new CommandError(
        `What answers at ${this.#address.url} is no nimbus of this version of Squall. Start the cluster again.`,
        EXIT.failed,
      );
    }
  }
}

const pathOf = (name: string): string => `/${encodeURIComponent(name)}`;

/** What was asked for is wrong; or right, and cannot be done now. */
const exitCodeOf = (status: number): number =>
  [400, 404, 413, 422].includes(status) ? EXIT.usage : EXIT.failed;
