/** A Prometheus of its own for a test, that scrapes one target four times a second. @module */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts, serverFolder, Service } from './service.js';

const SCRAPE_PERIOD = '250ms';

/** A series as Prometheus has recorded it. */
export interface Recorded {
  readonly labels: { readonly [label: string]: string };
  readonly values: readonly number[];
}

export interface Prometheus {
  /** All samples so far of the series that match. */
  recorded(selector: string): Promise<Recorded[]>;
  /** What an expression comes to now, as one number; NaN when nothing matches. */
  value(expression: string): Promise<number>;
  stop(): Promise<void>;
}

/** @param target host and port that serve `/metrics`, or will */
export async function startPrometheus(target: string): Promise<Prometheus> {
  const folder = serverFolder('prometheus');
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  const config = join(folder.path, 'prometheus.yml');
  writeFileSync(
    config,
    JSON.stringify({
      global: { scrape_interval: SCRAPE_PERIOD, scrape_timeout: SCRAPE_PERIOD },
      scrape_configs: [{ job_name: 'squall', static_configs: [{ targets: [target] }] }],
    }),
  );
  const service = await new Service({
    name: 'prometheus',
    command: [
      'prometheus',
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    folder: folder.path,
    answers: async () => (await fetch(`${url}/-/ready`)).ok,
  }).start();
  const asked = async (query: string): Promise<Answer['data']['result']> => {
    const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data, error } = (await answer.json()) as Answer;
    if (error !== undefined) throw new Error(`Prometheus cannot answer ${query}: ${error}`);
    return data.result;
  };
  return {
    recorded: async (selector) =>
      (await asked(`${selector}[1h]`)).map(({ metric, values = [] }) => ({
        labels: metric,
        values: values.map(([, value]) => Number(value)),
      })),
    value: async (expression) => Number((await asked(expression))[0]?.value?.[1] ?? NaN),
    async stop() {
      await service.stop();
      folder.remove();
    },
  };
}

/** Of its HTTP API: a matrix has `values`, a vector has `value`. */
interface Answer {
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Recorded['labels'];
      readonly value?: readonly [atSeconds: number, value: string];
      readonly values?: readonly (readonly [atSeconds: number, value: string])[];
    }[];
  };
}
