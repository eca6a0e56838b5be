/** librdkafka's mock broker, inside kcat: in memory, without Java, and enough to read from as a group. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { isInstalled, serverFolder, Service } from './service.js';

export const kcatIsInstalled = (): boolean => isInstalled('kcat', 'kcat');

export interface KafkaMock {
  readonly broker: string;
  /** Each line is a message; the topic makes itself, with 4 partitions. */
  produce(topic: string, path: string): Promise<void>;
  end(): Promise<void>;
}

/** It lives as long as a consumer of its own, of a topic that gets no messages. It chooses its port and tells it. */
export async function startKafkaMock(): Promise<KafkaMock> {
  const folder = serverFolder('kafka-mock');
  const mock = ['-X', 'test.mock.num.brokers=1', '-d', 'mock'];
  const service = new Service({
    name: 'kafka-mock',
    command: ['kcat', '-C', '-b', 'x:1', '-t', 'hold', ...mock],
    folder: folder.path,
    answers: async () => addressIn(service.log) !== undefined,
  });
  await service.start();
  const broker = addressIn(service.log)!;
  return {
    broker,
    async produce(topic, path) {
      await promisify(execFile)('kcat', ['-P', '-b', broker, '-t', topic, '-l', path]);
    },
    async end() {
      await service.kill();
      folder.remove();
    },
  };
}

const addressIn = (log: string): string | undefined =>
  /bootstrap\.servers=([\d.]+:\d+)/.exec(readFileSync(log, 'latin1'))?.[1];
