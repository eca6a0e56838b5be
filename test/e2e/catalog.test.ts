/** The topologies that ship, with the servers that they are for: every message is accounted for. */
import { readdirSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { dirname, relative, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import { closeMembers, committedBy, Member, produce } from '../clients/kafka/members.js';
import {
  eventually,
  fewAtATime,
  place,
  summaryIn,
  TEST_TIMEOUT_MS,
  type Place,
  type Running,
} from '../support/cli.js';
import { load } from '../support/http-load.js';
import { avroRecords, countsIn, jsonRows, sum, type Stored } from '../support/outputs.js';
import { kafkaIsInstalled, startKafka, type KafkaCluster } from '../support/services/kafka.js';
import { kcatIsInstalled, startKafkaMock } from '../support/services/kafka-mock.js';
import { freePorts, isInstalled } from '../support/services/service.js';
import { isRead, varnish, type Varnish } from '../support/services/varnish.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 21, 10);
/** The addresses of `addressOf`, as no record may show them. */
const RAW = /198\.1[89]\.\d+\.[1-9]/;

/** One for each i, of a network kept for tests, and never a network's own. */
const addressOf = (i: number): string => `198.18.${Math.floor(i / 250)}.${1 + (i % 250)}`;

/** When request i was made: one a second, and every fifth so many hours late. */
const madeMs = (i: number): number =>
  START_MS + 1000 * i - (i % 5 === 0 ? HOUR_MS * (1 + (i % 3)) : 0);

/** What a cache tells of request i, by the names of `varnishkafka-json`. */
const request = (i: number) => ({
  hostname: 'cp1001',
  sequence: i,
  dt: new Date(madeMs(i)).toISOString(),
  time_firstbyte: 0.25,
  ip: addressOf(i),
  cache_status: 'hit',
  http_status: i % 7 === 0 ? '404' : '200',
  response_size: 1000 + i,
  http_method: 'GET',
  uri_host: 'example.org',
  uri_path: `/of/${addressOf(i)}/page`,
  uri_query: `?n=${i}&from=${addressOf(i)}`,
  content_type: 'text/html',
  referer: `http://news.example.com/${addressOf(i)}`,
  x_forwarded_for: addressOf(i + 1),
  user_agent: 'curl/8.5.0',
  accept_language: 'fr-FR',
});

/** The same as a line of udp2log. */
function udp2log(i: number): string {
  const { dt, http_status: status, uri_host: host, uri_path: path, ...of } = request(i);
  return [
    ...[of.hostname, of.sequence, dt.slice(0, -1), of.time_firstbyte, of.ip],
    ...[`${of.cache_status}/${status}`, of.response_size, of.http_method],
    ...[`http://${host}${path}${of.uri_query}`, '-', of.content_type, of.referer],
    ...[of.x_forwarded_for, of.user_agent, of.accept_language, '-'],
  ].join('\t');
}

/** What is to be stored of request i, but for what a data base or a library says of it. */
const record = (i: number): Stored => ({
  hostname: 'cp1001',
  sequence: i,
  dt: new Date(madeMs(i)).toISOString(),
  time_firstbyte: 0.25,
  ip: addressOf(i).replace(/\d+$/, '0'),
  cache_status: 'hit',
  http_status: i % 7 === 0 ? 404 : 200,
  response_size: 1000 + i,
  http_method: 'GET',
  uri_host: 'example.org',
  uri_path: '/of/[ip]/page',
  uri_query: `?n=${i}`,
  content_type: 'text/html',
  referer_domain: 'example.com',
  accept_language: 'fr',
});

const numbers = (count: number, first = 0): number[] =>
  Array.from({ length: count }, (_, i) => first + i);

type Settings = { readonly [name: string]: string | number | undefined };

const set = (parameters: Settings): string[] =>
  Object.entries(parameters).flatMap(([name, value]) => ['--set', `${name}=${value}`]);

const run = (
  here: Place,
  topology: string,
  parameters: Settings,
  options: readonly string[] = ['--workers', '1'],
): Running => here.start(['run', topology, ...set(parameters), ...options, '--json']);

const acks = (running: Running, here: Place, topology: string, count: number): Promise<void> =>
  running.until(
    async () =>
      (await readCommits(here.path(`.squall/${topology}`), 'lines')).counters.acked >= count,
  );

async function stopped(running: Running, code = 0): Promise<ReturnType<typeof summaryIn>> {
  running.signal('SIGTERM');
  const ended = await running.ended;
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code });
  return summaryIn(ended);
}

/** Each record is that of its request, and no two have one id. */
function expectRecords(rows: readonly Stored[], count: number): void {
  const sorted = rows.toSorted((a, b) => Number(a['sequence']) - Number(b['sequence']));
  expect(sorted).toEqual(numbers(count).map((i) => expect.objectContaining(record(i))));
  expect(new Set(rows.map(({ id }) => id)).size).toBe(count);
  expect(JSON.stringify(rows)).not.toMatch(RAW);
}

/** So many lines may wait in the kernel, also where its buffers are small. */
const WAITING_LINES = 250;

async function send(port: number, lines: readonly string[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const line of lines) await new Promise((done) => socket.send(line, port, '127.0.0.1', done));
  socket.close();
  await once(socket, 'close');
}

const NEEDED: { readonly [topology: string]: Settings } = {
  canonicalize: { source: 'kafka', brokers: 'a:1', topics: 'b', sink: 'kafka', to: 'c' },
  'kafka-to-avro': { brokers: 'a:1', topics: 'b' },
  'udp-to-kafka': { port: 8420, brokers: 'a:1', to: 'c' },
  'varnish-to-kafka': { brokers: 'a:1', to: 'c', name: '/nowhere', select: 'ReqURL ~ "^/e"' },
};

test('each topology that ships is described and checked without a server', async () => {
  const here = place();
  const { stdout } = await here.squall(['catalog', '--json']);
  const names = (JSON.parse(stdout) as { name: string }[]).map(({ name }) => name);
  expect(names).toEqual(Object.keys(NEEDED));
  await fewAtATime(names, async (name) => {
    const described = await here.squall(['describe', name, ...set(NEEDED[name]!)]);
    expect(described).toMatchObject({ code: 0, stderr: '' });
    for (const parameter of Object.keys(NEEDED[name]!))
      expect(described.stdout).toMatch(new RegExp(`^  ${parameter} \\(`, 'm'));
    expect(described.stdout).toMatch(/^ {2}sink requests \(/m);
    expect(await here.squall(['validate', name, ...set(NEEDED[name]!)])).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(new RegExp(`^${name} is valid: \\d nodes`)),
    });
  });
  expect(readdirSync(here.dir)).toEqual([]);
});

test('what a source or a sink needs and is not given is named, and nothing starts', async () => {
  const here = place();
  const missing: [Settings, string][] = [
    [{ source: 'kafka', topics: 'b' }, 'source=kafka needs the parameter "brokers"'],
    [{ source: 'kafka', brokers: 'a:1' }, 'source=kafka needs the parameter "topics"'],
    [{ source: 'udp' }, 'source=udp needs the parameter "port"'],
    [{ source: 'file' }, 'source=file needs the parameter "input"'],
    [{ sink: 'kafka', brokers: 'a:1', lines: 1 }, 'sink=kafka needs the parameter "to"'],
  ];
  const said = await fewAtATime(missing, ([parameters]) =>
    here.squall(['run', 'canonicalize', ...set(parameters)]),
  );
  expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(
    missing.map(([, message]) => [2, `Topology "canonicalize": ${message}.\n`]),
  );
  expect(readdirSync(here.dir)).toEqual([]);
});

test('what is given and is for another source or sink is named with what it is for, and nothing starts', async () => {
  const here = place();
  const unread: [Settings, string][] = [
    [
      { source: 'udp', port: 1, input: 'x' },
      '"input" is for source=file, and this is source=udp and sink=avro',
    ],
    [
      { source: 'generate', port: 1 },
      '"port" is for source=udp, and this is source=generate and sink=avro',
    ],
    [
      { input: 'x', lines: 1, sink: 'jsonLines' },
      '"lines" is for source=generate, and this is source=file and sink=jsonLines',
    ],
    [
      { brokers: 'a:1' },
      '"brokers" is for source=kafka and sink=kafka, and this is source=generate and sink=avro',
    ],
  ];
  const said = await fewAtATime(unread, ([parameters]) =>
    here.squall(['validate', 'canonicalize', ...set(parameters)]),
  );
  expect(said.map(({ code, stderr }) => [code, stderr])).toEqual(
    unread.map(([, message]) => [
      2,
      `Topology "canonicalize": the parameter ${message}. Leave it out, or choose what reads it.\n`,
    ]),
  );
});

test('brokers that do not answer are named, and nothing starts', async () => {
  const here = place();
  const [port] = await freePorts(1);
  const brokers = `127.0.0.1:${port}`;
  const runs: [string, Settings][] = [
    ['canonicalize', { source: 'kafka', brokers, topics: 'a' }],
    ['kafka-to-avro', { brokers, topics: 'a' }],
  ];
  const ended = await fewAtATime(runs, ([name, parameters]) =>
    here.squall(['run', name, ...set(parameters)]),
  );
  const message = new RegExp(`^lines: Kafka at ${brokers} does not answer: .*Start it, or`, 'm');
  expect(ended.map(({ code }) => code)).toEqual([2, 2]);
  for (const { stderr } of ended) expect(stderr).toMatch(message);
});

(kcatIsInstalled() ? test : test.skip)(
  'canonicalize reads as a group where there is no Java: from the mock broker of librdkafka',
  async () => {
    const here = place();
    const count = 500;
    const mock = await startKafkaMock();
    await mock.produce(
      'lines',
      here.write('lines.log', `${numbers(count).map(udp2log).join('\n')}\n`),
    );
    const kafka = { source: 'kafka', brokers: mock.broker, topics: 'lines', query: 'n' };
    const running = run(here, 'canonicalize', { ...kafka, sink: 'jsonLines' });
    await running.until(() => running.stderr().includes(`${count} acked`));
    const { outputs } = await stopped(running);
    await mock.end();
    expectRecords(jsonRows(outputs.filter((path) => path.includes('webrequest'))), count);
  },
);

(kafkaIsInstalled() ? describe : describe.skip)('with Kafka', () => {
  let cluster: KafkaCluster;
  beforeAll(async () => {
    cluster = await startKafka();
  });
  afterEach(closeMembers);
  afterAll(() => cluster?.remove());

  /** All that is in a topic; each record has its id as the key. */
  async function recordsIn(topic: string): Promise<Stored[]> {
    const offsets = await cluster.admin((admin) => admin.fetchTopicOffsets(topic));
    const count = sum(offsets.map(({ high }) => Number(high)));
    const member = new Member(cluster, { topics: [topic], group: `reads-${topic}` });
    await eventually(() => member.failure !== null || member.records.length >= count);
    expect(member.failure).toBe(null);
    const rows = member.values.map((value) => JSON.parse(value) as Stored);
    expect(member.records.map(({ key }) => String(key))).toEqual(rows.map(({ id }) => id));
    return rows;
  }

  const committed = async (group: string, topic: string): Promise<number> =>
    sum(await committedBy(cluster, group, topic));

  /** Starts a topology that reads UDP, sends it so many lines, and stops it when all are acked. */
  async function udpRun(
    topology: string,
    here: Place,
    count: number,
    parameters: Settings,
  ): Promise<ReturnType<typeof summaryIn>> {
    const [port] = (await freePorts(1)) as [number];
    const running = run(here, topology, { port, query: 'n', ...parameters });
    await running.until(() => running.stderr().includes(`receives on UDP port ${port}`));
    for (let sent = 0; sent < count; sent += WAITING_LINES) {
      await send(port, numbers(WAITING_LINES, sent).map(udp2log));
      await acks(running, here, topology, sent + WAITING_LINES);
    }
    return stopped(running);
  }

  test('udp-to-kafka makes each line that comes by UDP one record in the topic, with no address in it', async () => {
    const count = 1000;
    await cluster.createTopic('from-udp', 3);
    const parameters = { brokers: cluster.brokers[0], to: 'from-udp' };
    expect(await udpRun('udp-to-kafka', place(), count, parameters)).toMatchObject({
      outcome: 'stopped',
      emitted: count,
      acked: count,
      deadLetters: 0,
    });
    expectRecords(await recordsIn('from-udp'), count);
  });

  test('kafka-to-avro stores each request in the folder of its own hour, and a second run nothing again', async () => {
    const here = place();
    const count = 1000;
    const group = 'kafka-to-avro';
    await cluster.createTopic('requests', 3);
    const message = (i: number) => ({ value: JSON.stringify(request(i)), partition: i % 3 });
    await produce(cluster, 'requests', numbers(count).map(message));
    const parameters = { brokers: cluster.brokers[0], topics: 'requests', query: 'n' };
    const running = run(here, group, parameters, ['--workers', '2']);
    await running.until(async () => (await committed(group, 'requests')) === count);
    const first = await stopped(running);
    expect(first).toMatchObject({ acked: count, deadLetters: 0 });
    const rows: Stored[] = [];
    const hours = new Set<string>();
    for (const path of first.outputs) {
      const hour = relative(here.path('out/webrequest'), dirname(path));
      hours.add(hour);
      for (const row of await avroRecords([path])) {
        const dt = new Date(Number(row['dt'])).toISOString();
        expect(hour).toBe(dt.slice(0, 13).replaceAll(/\D/g, '/'));
        rows.push({ ...row, dt });
      }
    }
    expect([...hours].sort()).toEqual(['07', '08', '09', '10'].map((hour) => `2026/11/21/${hour}`));
    expectRecords(rows, count);

    // The offsets are the group's: a state folder has no part in it.
    const again = run(here, group, parameters, ['--workers', '1', '--state', 'other']);
    await produce(cluster, 'requests', [message(count)]);
    await again.until(async () => (await committed(group, 'requests')) === count + 1);
    const second = await stopped(again);
    expect(second).toMatchObject({ emitted: 1, acked: 1 });
    expect((await avroRecords(second.outputs)).map(({ sequence }) => sequence)).toEqual([count]);
  });

  test('canonicalize takes lines from Kafka to Kafka, gives each the id that it has by another way, and counts it', async () => {
    const here = place();
    const count = 500;
    await cluster.createTopic('lines', 2);
    await cluster.createTopic('records', 2);
    const broken = { value: `no request of ${addressOf(1)}` };
    await produce(cluster, 'lines', [
      ...numbers(count).map((i) => ({ value: udp2log(i) })),
      broken,
    ]);
    const [brokers] = cluster.brokers;
    const kafka = { source: 'kafka', brokers, topics: 'lines', query: 'n' };
    const running = run(here, 'canonicalize', { ...kafka, sink: 'kafka', to: 'records' });
    await running.until(async () => (await committed('canonicalize', 'lines')) === count + 1);
    const summary = await stopped(running, 3);
    expect(summary).toMatchObject({ emitted: count + 1, acked: count, deadLetters: 1 });
    const rows = await recordsIn('records');
    expectRecords(rows, count);
    expect(sum(countsIn(summary.outputs).values())).toBe(count);

    here.write('lines.log', `${numbers(count).map(udp2log).join('\n')}\n`);
    const input = { input: 'lines.log', sink: 'jsonLines', query: 'n', out: 'files' };
    const files = await here.json([
      ...['run', 'canonicalize', '--workers', '1', '--state', 'files'],
      ...set(input),
    ]);
    expect(files).toMatchObject({ code: 0, summary: { acked: count } });
    const stored = jsonRows(files.summary.outputs.filter((path) => path.includes('webrequest')));
    expectRecords(stored, count);
    expect(new Set(stored.map(({ id }) => id))).toEqual(new Set(rows.map(({ id }) => id)));
  });

  test('canonicalize takes lines from UDP to JSON lines', async () => {
    const count = 500;
    const parameters = { source: 'udp', sink: 'jsonLines' };
    const { outputs } = await udpRun('canonicalize', place(), count, parameters);
    expectRecords(jsonRows(outputs.filter((path) => path.includes('webrequest'))), count);
    expect(sum(countsIn(outputs.filter((path) => path.includes('counts'))).values())).toBe(count);
  });

  (isInstalled('varnishd', 'varnish') ? describe : describe.skip)('and Varnish', () => {
    let server: Varnish;
    beforeAll(async () => {
      server = await varnish({
        vcl: resolve('config/varnish/pixel.vcl'),
        parameters: ['vsl_reclen=4084'],
      });
    });
    afterAll(() => server?.remove());

    const beacon = (i: number) => ({
      url: `/beacon/${addressOf(i)}?n=${i}&from=${addressOf(i)}`,
      headers: { 'User-Agent': 'curl/8.5.0', Referer: `http://example.com/${addressOf(i)}` },
    });

    function expectBeacons(rows: readonly Stored[], count: number): void {
      expect(rows).toHaveLength(count);
      for (const row of rows)
        expect(row).toMatchObject({
          ip: '127.0.0.0',
          http_status: 204,
          http_method: 'GET',
          uri_path: '/beacon/[ip]',
          referer_domain: 'example.com',
        });
      expect(new Set(rows.map(({ uri_query: query }) => query))).toEqual(
        new Set(numbers(count).map((i) => `?n=${i}`)),
      );
      expect(new Set(rows.map(({ id }) => id)).size).toBe(count);
      expect(JSON.stringify(rows)).not.toMatch(RAW);
      expect(JSON.stringify(rows)).not.toContain('127.0.0.1');
    }

    test('varnish-to-kafka makes each request that is selected one record in the topic, with no address in it', async () => {
      const here = place();
      const count = 1000;
      await cluster.createTopic('from-varnish', 3);
      const running = run(here, 'varnish-to-kafka', {
        name: server.instance,
        select: 'ReqURL ~ "^/beacon"',
        brokers: cluster.brokers[0],
        to: 'from-varnish',
        query: 'n',
      });
      await running.until(() => isRead(server.instance));
      await load(server.port, [...numbers(count).map(beacon), { url: '/other' }]);
      await acks(running, here, 'varnish-to-kafka', count);
      expect(await stopped(running)).toMatchObject({ emitted: count, acked: count });
      expectBeacons(await recordsIn('from-varnish'), count);
    });

    test('canonicalize takes requests from Varnish, in its own format unless told otherwise, to JSON lines', async () => {
      const here = place();
      const count = 500;
      const varnishOf = { source: 'varnish', name: server.instance, select: 'ReqURL ~ "^/beacon"' };
      const running = run(here, 'canonicalize', { ...varnishOf, sink: 'jsonLines', query: 'n' });
      await running.until(() => isRead(server.instance));
      await load(server.port, numbers(count).map(beacon));
      await acks(running, here, 'canonicalize', count);
      const { outputs } = await stopped(running);
      expectBeacons(jsonRows(outputs.filter((path) => path.includes('webrequest'))), count);
      expect(sum(countsIn(outputs.filter((path) => path.includes('counts'))).values())).toBe(count);
    });
  });
});
