/**
 * Real Kafka brokers in KRaft mode, fetched from Maven Central once.
 *
 * @module
 */
import { execFile, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { freePorts, isInstalled, serverFolder, Service } from './service.js';

export type KafkaVersion = '4.3.1' | '3.9.2';

export interface KafkaOptions {
  readonly version?: KafkaVersion;
  readonly nodes?: 1 | 3;
  /** Also listens for SASL/PLAIN, where `alice` with the password `secret` may do nothing unless an ACL says so. */
  readonly sasl?: boolean;
  /** The same ports speak TLS alone instead, with a certificate of its own (`ca`). */
  readonly tls?: boolean;
  /** Brokers make topics that are asked for, which they are told not to otherwise. */
  readonly makesTopics?: boolean;
}

/** Whether brokers can be started here; if not, one line says what is missing. */
export const kafkaIsInstalled = (): boolean =>
  isInstalled('java', 'openjdk-17-jre-headless') && isInstalled('mvn', 'maven');

export class KafkaCluster {
  /** `host:port` of each node. */
  readonly brokers: readonly string[];
  /** The same for SASL, or for TLS. */
  readonly saslBrokers: readonly string[];
  /** Whom clients must trust for TLS; empty without it. */
  readonly ca: string;
  /** Node i + 1: kill it, start it again; folder and ports stay. */
  readonly nodes: readonly Service[];
  readonly #lib: string;
  readonly #remove: () => void;

  /** Used by `startKafka`. */
  constructor(
    ports: Ports,
    nodes: readonly Service[],
    lib: string,
    ca: string,
    remove: () => void,
  ) {
    this.brokers = ports.brokers.map(address);
    this.saslBrokers = ports.sasl.map(address);
    this.nodes = nodes;
    this.#lib = lib;
    this.ca = ca;
    this.#remove = remove;
  }

  /** Calls `use` with an admin client. */
  async admin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    return withAdmin(quiet(this.brokers), use);
  }

  /** Makes a topic, and waits until every partition has a leader. */
  async createTopic(
    topic: string,
    numPartitions = 1,
    config: { readonly [name: string]: string } = {},
  ): Promise<void> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    await this.admin(async (admin) => {
      // Brokers that have not heard of it yet say that there is none: kafkajs' own waiting takes that for an error.
      const topics = [{ topic, numPartitions, configEntries }];
      await admin.createTopics({ waitForLeaders: false, topics });
      const hasLeaders = async (): Promise<boolean> => {
        const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] });
        const partitions = found[0]?.partitions ?? [];
        return partitions.length === numPartitions && partitions.every(({ leader }) => leader >= 0);
      };
      while (!(await hasLeaders().catch(() => false))) await sleep(20);
    });
  }

  /** Runs a class of `org.apache.kafka.tools` with the Java client; returns what it prints. */
  async tool(name: string, args: readonly string[], input = ''): Promise<string> {
    const java = ['-Xmx128m', '-XX:TieredStopAtLevel=1', '-cp', `${this.#lib}/*`];
    const running = promisify(execFile)(
      'java',
      [
        ...java,
        `org.apache.kafka.tools.${name}`,
        '--bootstrap-server',
        this.brokers.join(','),
        ...args,
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    running.child.stdin!.end(input);
    return (await running).stdout;
  }

  /** Kills all nodes and removes what they stored. */
  async remove(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.kill()));
    this.#remove();
  }
}

/** Starts brokers on free ports in a folder of their own. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaCluster> {
  const { version = '4.3.1', nodes: count = 1 } = options;
  const lib = await fetched(version);
  const free = await freePorts(3 * count);
  const ports = {
    brokers: free.slice(0, count),
    controllers: free.slice(count, 2 * count),
    sasl: free.slice(2 * count),
  };
  const { path, remove } = serverFolder('kafka');
  const ca = options.tls === true ? certify(path) : '';
  const id = randomBytes(16).toString('base64url').replace(/^-/, 'A');
  const nodes = await Promise.all(
    ports.brokers.map((_, i) => nodeOf(i, ports, join(path, String(i + 1)), lib, id, options)),
  );
  await Promise.all(nodes.map((node) => node.start()));
  return new KafkaCluster(ports, nodes, lib, ca, remove);
}

interface Ports {
  readonly brokers: readonly number[];
  readonly controllers: readonly number[];
  readonly sasl: readonly number[];
}

async function nodeOf(
  i: number,
  ports: Ports,
  folder: string,
  lib: string,
  id: string,
  options: KafkaOptions,
): Promise<Service> {
  mkdirSync(folder, { recursive: true });
  const properties = join(folder, 'server.properties');
  writeFileSync(properties, propertiesOf(i, ports, folder, options));
  writeFileSync(join(folder, 'log4j2.properties'), LOG4J2);
  writeFileSync(join(folder, 'log4j.properties'), LOG4J);
  const java = [
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Dlog4j2.configurationFile=log4j2.properties',
    '-Dlog4j.configuration=file:log4j.properties',
    '-cp',
    `${lib}/*`,
  ];
  const format = ['kafka.tools.StorageTool', 'format', '-t', id, '-c', properties];
  await promisify(execFile)('java', ['-Xmx128m', ...java, ...format], { cwd: folder });
  return new Service({
    name: `kafka-${i + 1}`,
    command: ['java', '-Xms32m', '-Xmx256m', '-Xss256k', ...java, 'kafka.Kafka', properties],
    folder,
    answers: () => serves(address(ports.brokers[i]!), i + 1),
  });
}

/** A port that takes connections is too early: it must know itself as a broker. */
const serves = (broker: string, nodeId: number): Promise<boolean> =>
  withAdmin(quiet([broker], 0), async (admin) => {
    const { brokers } = await admin.describeCluster();
    return brokers.some((each) => each.nodeId === nodeId);
  });

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

const quiet = (brokers: readonly string[], retries = 30): Kafka =>
  new kafkajs.Kafka({
    brokers: [...brokers],
    logLevel: kafkajs.logLevel.NOTHING,
    retry: { retries, initialRetryTime: 100, maxRetryTime: 1000 },
  });

const address = (port: number): string => `127.0.0.1:${port}`;

function propertiesOf(
  i: number,
  { brokers, controllers, sasl: saslPorts }: Ports,
  folder: string,
  { sasl = false, tls = false, makesTopics = false }: KafkaOptions,
): string {
  const copies = brokers.length;
  const inSync = Math.min(2, copies);
  const voters = controllers.map((port, node) => `${node + 1}@${address(port)}`).join(',');
  const listeners = [
    `BROKER://${address(brokers[i]!)}`,
    ...(sasl ? [`SASL://${address(saslPorts[i]!)}`] : []),
    ...(tls ? [`TLS://${address(saslPorts[i]!)}`] : []),
  ];
  return `
process.roles=broker,controller
node.id=${i + 1}
controller.quorum.voters=${voters}
listeners=${listeners.join(',')},CONTROLLER://${address(controllers[i]!)}
advertised.listeners=${listeners.join(',')}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT,TLS:SSL
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
log.dirs=${folder}/data
num.network.threads=2
num.io.threads=2
auto.create.topics.enable=${makesTopics}
default.replication.factor=${copies}
min.insync.replicas=${inSync}
offsets.topic.num.partitions=4
offsets.topic.replication.factor=${copies}
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=${copies}
transaction.state.log.min.isr=${inSync}
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=${copies}
share.coordinator.state.topic.min.isr=${inSync}
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.enable=false
log.index.size.max.bytes=1048576
${sasl ? SASL : ''}${tls ? tlsOf(dirname(folder)) : ''}`;
}

/** A certificate for 127.0.0.1 with its key, in `folder`. Returns the certificate. */
function certify(folder: string): string {
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
  ];
  const named = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const { status, stderr } = spawnSync('openssl', [...made, ...named]);
  if (status !== 0) throw new Error(`openssl made no certificate:\n${stderr}`);
  const pem = readFileSync(certificate, 'utf8');
  writeFileSync(join(folder, 'keystore.pem'), readFileSync(key, 'utf8') + pem);
  return pem;
}

const tlsOf = (folder: string): string => `
listener.name.tls.ssl.keystore.type=PEM
listener.name.tls.ssl.keystore.location=${join(folder, 'keystore.pem')}
`;

const SASL = `
sasl.enabled.mechanisms=PLAIN
listener.name.sasl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_alice="secret";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
`;

const LOG4J2 = `
appender.c.type=Console
appender.c.name=C
appender.c.layout.type=PatternLayout
appender.c.layout.pattern=[%d] %p %m (%c)%n
rootLogger.level=WARN
rootLogger.appenderRef.c.ref=C
`;

const LOG4J = `
log4j.rootLogger=WARN, C
log4j.appender.C=org.apache.log4j.ConsoleAppender
log4j.appender.C.layout=org.apache.log4j.PatternLayout
log4j.appender.C.layout.ConversionPattern=[%d] %p %m (%c)%n
`;

/** The folder of the jars of a version; fetched by Maven into a cache the first time. */
async function fetched(version: KafkaVersion): Promise<string> {
  const cache =
    process.env['SQUALL_SERVICES_CACHE'] ?? join(homedir(), '.cache', 'squall-services');
  const folder = join(cache, `kafka-tools-${version}`);
  if (existsSync(join(folder, 'lib'))) return join(folder, 'lib');
  mkdirSync(cache, { recursive: true });
  // Others may fetch it, too: whoever is whole first is the one.
  const own = mkdtempSync(`${folder}-`);
  writeFileSync(join(own, 'pom.xml'), pom(version));
  const { status, stderr } = spawnSync('mvn', [
    '-B',
    '-q',
    '-f',
    join(own, 'pom.xml'),
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${join(own, 'lib')}`,
  ]);
  if (status !== 0) throw new Error(`Maven could not fetch Kafka ${version}: ${String(stderr)}`);
  try {
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true });
  }
  return join(folder, 'lib');
}

/** Kafka brings no binding for its own log: without one a broker that fails says nothing. */
function pom(version: KafkaVersion): string {
  const binding = version.startsWith('3.')
    ? dependency('org.slf4j', 'slf4j-reload4j', '1.7.36')
    : dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.4');
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>squall.test</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>${dependency('org.apache.kafka', 'kafka_2.13', version)}${dependency('org.apache.kafka', 'kafka-tools', version)}${binding}</dependencies>
<build><plugins><plugin>
<groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId><version>3.6.1</version>
</plugin></plugins></build>
</project>`;
}

const dependency = (group: string, artifact: string, version: string): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
