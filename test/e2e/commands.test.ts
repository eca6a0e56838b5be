/** Each command of the built CLI: what it prints, where, and how it ends. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, jest, test } from '@jest/globals';
import { fewAtATime, place, TEST_TIMEOUT_MS, type Place } from '../support/cli.js';
import { HELLO } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const COMMANDS = ['run', 'validate', 'graph', 'catalog', 'describe', 'dlq', 'doctor'];
const DLQ = ['dlq list', 'dlq show', 'dlq replay', 'dlq drop'];

test('every help text teaches by an example', async () => {
  const { squall } = place();
  const helps = await Promise.all(
    ['', ...COMMANDS, ...DLQ].map((name) => squall(`${name} --help`.trim().split(' '))),
  );
  for (const { code, stdout, stderr } of helps) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^ {2}\$ .*squall \w+/m);
  }
  const [all, run] = helps;
  for (const name of COMMANDS) expect(all!.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  expect(run!.stdout).toContain(
    'Exit codes: 0 all acked, 1 failed, 2 usage or invalid topology, 3 some dead letters.',
  );
  expect(run!.stdout).toContain('(default: 30s)');
});

test('the catalogue lists what ships, for people and as JSON', async () => {
  const { squall } = place();
  const [text, json] = await Promise.all([squall(['catalog']), squall(['catalog', '--json'])]);
  expect(text).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^canonicalize {2}\w/m),
  });
  const names = ['canonicalize', 'kafka-to-avro', 'udp-to-kafka', 'varnish-to-kafka'];
  expect(JSON.parse(json!.stdout)).toEqual(
    names.map((name) => ({ name, description: expect.any(String) })),
  );
});

test('a topology is described with its parameters, components, streams, fields and kinds of personal data', async () => {
  const { squall } = place();
  const [text, json] = await Promise.all([
    squall(['describe', 'canonicalize']),
    squall(['describe', 'canonicalize', '--json']),
  ]);
  expect(text).toMatchObject({ code: 0, stderr: '' });
  for (const line of [
    /^ {2}input \(string, default none\) /m,
    /^ {2}format \(string, default "udp2log"\) /m,
    /^ {2}out \(string, default "out"\) /m,
    /^ {2}geo \(string, default none\) /m,
    /^ {2}lines \(integer, default none\) /m,
    /^ {2}follow \(boolean, default false\) /m,
    /^ {2}query \(array of string, default \[\]\) /m,
    /^ {2}bolt parse \(parse\), one task per worker$/m,
    /^ {4}reads lines\.messages \(shuffle\)$/m,
    /^ {6}ip: text {2}personal: ip$/m,
    /^ {6}ip: text$/m,
    /^ {4}reads route\.counted \(by country_code\)$/m,
  ]) {
    expect(text!.stdout).toMatch(line);
  }
  const described = JSON.parse(json!.stdout);
  expect(described).toMatchObject({ name: 'canonicalize' });
  expect(described.parameters.map(({ name }: { name: string }) => name)).toEqual([
    ...['source', 'input', 'format', 'geo', 'query', 'out', 'lines', 'rate', 'follow', 'sink'],
    ...['brokers', 'topics', 'group', 'to', 'port', 'host', 'name', 'select'],
  ]);
});

test('a topology that requires parameters is described with them, and without them says how its components are shown', async () => {
  const { squall } = place();
  const describe = (...settings: string[]) =>
    squall(['describe', 'udp-to-kafka', ...settings.flatMap((each) => ['--set', each])]);
  const [given, missing, wrong] = await Promise.all([
    describe('port=8420', 'brokers=a:1', 'to=b'),
    describe(),
    describe('port=high'),
  ]);
  expect(given).toMatchObject({ code: 0, stderr: '' });
  expect(given!.stdout).toMatch(
    /^components\n {2}spout lines \(udp\)[^]*^ {2}sink requests \(kafka\)/m,
  );
  expect(missing).toMatchObject({ code: 0, stderr: '' });
  expect(missing!.stdout).toMatch(/^ {2}port \(integer, required\)/m);
  expect(missing!.stdout).toMatch(/^components: give what is required with --set/m);
  expect(wrong).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('"port"') });
});

test('a plan is drawn as text, mermaid, dot and JSON, and with the origin of each field', async () => {
  const { squall } = place();
  const draw = (...flags: string[]) => squall(['graph', 'canonicalize', ...flags]);
  const [text, mermaid, dot, json, fields] = await Promise.all([
    draw(),
    draw('--format', 'mermaid'),
    draw('--format', 'dot'),
    draw('--format', 'json'),
    draw('--fields'),
  ]);
  for (const drawn of [text, mermaid, dot, json, fields])
    expect(drawn).toMatchObject({ code: 0, stderr: '' });
  expect(text!.stdout).toMatch(/^bolt +perCountry .*<- route\.counted \(by country_code\)$/m);
  expect(mermaid!.stdout).toMatch(/^(graph|flowchart) /);
  expect(dot!.stdout).toMatch(/^digraph .*\{[^]*\}\s*$/);
  expect(JSON.parse(json!.stdout)).toMatchObject({
    name: 'canonicalize',
    hash: expect.any(String),
  });
  expect(fields!.stdout).toMatch(/ip\.truncate.*24.*48/);
});

test('a topology is checked without running it, and nothing is left behind', async () => {
  const { squall, write, dir } = place();
  write('hello.ts', HELLO);
  const [shipped, own, json] = await Promise.all([
    squall(['validate', 'canonicalize']),
    squall(['validate', 'hello.ts', '--set', 'lines=7']),
    squall(['validate', 'hello.ts', '--json']),
  ]);
  expect(shipped).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^canonicalize is valid: 9 nodes, plan [0-9a-f]{16}\n$/),
  });
  expect(own).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^hello is valid: 3 nodes, plan /),
  });
  expect(JSON.parse(json!.stdout)).toMatchObject({ topology: 'hello', valid: true, nodes: 3 });
  expect(readdirSync(dir)).toEqual(['hello.ts']);
});

test('what is wrong with a topology is JSON, too, when that is asked for', async () => {
  const { squall, write } = place();
  write('loose.ts', HELLO.replace(/^ *t\.sink\(.*\n/m, ''));
  write('broken.ts', HELLO.replace('topology(', 'topolojy('));
  const [loose, broken, wrong] = await fewAtATime(
    ['loose.ts', 'broken.ts', 'canonicalize --set inptu=a'],
    (what) => squall(['validate', '--json', ...what.split(' ')]),
  );
  const problems = [/^Nothing reads the stream /, /^broken\.ts has type errors/, /"inptu"/];
  for (const [i, { code, stdout, stderr }] of [loose!, broken!, wrong!].entries()) {
    expect(JSON.parse(stdout)).toEqual({
      valid: false,
      problems: [expect.stringMatching(problems[i]!)],
    });
    expect(code).toBe(2);
    expect(stderr).not.toBe('');
  }
});

test('a file of one’s own runs as it is, without a build step or configuration', async () => {
  const { squall, write } = place();
  const { code, stdout, stderr } = await squall([
    'run',
    write('hello.ts', HELLO),
    '--set',
    'lines=5',
    '--workers',
    '2',
  ]);
  expect(code).toBe(0);
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toHaveLength(5);
  expect(rows[0]).toEqual({ http_status: expect.any(Number) });
  expect(stderr).toMatch(
    /^hello completed after [\d.]+ s: 5 messages \(\d+\/s\), 5 acked, 0 replayed, 0 dead letters, 0 worker restarts$/m,
  );
});

test('with --json stdout is one object with the keys that were promised, and nothing else', async () => {
  const here = place();
  const { code, summary } = await here.json([
    'run',
    'canonicalize',
    '--set',
    'lines=3000',
    '--workers',
    '2',
  ]);
  expect(code).toBe(0);
  expect(Object.keys(summary)).toEqual([
    'topology',
    'outcome',
    'workers',
    'durationMs',
    'emitted',
    'acked',
    'replayed',
    'failed',
    'deadLetters',
    'restarts',
    'components',
    'outputs',
  ]);
  expect(summary).toMatchObject({
    topology: 'canonicalize',
    outcome: 'completed',
    workers: 2,
    emitted: 3000,
    acked: 3000,
    replayed: 0,
    failed: 0,
    deadLetters: 0,
    restarts: 0,
  });
  for (const component of summary.components) {
    expect(Object.keys(component)).toEqual([
      'name',
      'role',
      'tasks',
      'executed',
      'emitted',
      'acked',
      'failed',
      'latencyMs',
    ]);
    expect(Object.keys(component.latencyMs)).toEqual(['p50', 'p99']);
  }
  expect(summary.components.map(({ name, role, tasks }) => `${role} ${name} ${tasks}`)).toEqual([
    'spout lines 2',
    'bolt parse 2',
    'bolt geotag 2',
    'bolt anonymize 2',
    'bolt validate 2',
    'bolt route 2',
    'sink requests 2',
    'bolt perCountry 2',
    'sink counts 2',
  ]);
  expect(summary.outputs.length).toBeGreaterThan(1);
  expect([...summary.outputs].sort()).toEqual(filesIn(here, 'out'));
});

test('what a topology prints does not mix with the JSON, neither in this process nor in workers', async () => {
  const { json, write } = place();
  const noisy = HELLO.replace('export default', "console.log('loaded');\nexport default");
  write('noisy.ts', noisy);
  for (const how of ['--inline', '--workers=1']) {
    const { code, stderr, summary } = await json(['run', 'noisy.ts', how, '--state', how]);
    expect({ code, emitted: summary.emitted }).toEqual({ code: 0, emitted: 3 });
    expect(stderr).toContain('loaded');
    expect(stderr.match(/"http_status":/g)).toHaveLength(3);
  }
});

test('a command ends when it is done, whatever the topology file has left open, and what it prints is whole', async () => {
  const { squall, write } = place();
  const big = '.default("x".repeat(2_000_000))';
  const open = HELLO.replace('z.object({', `z.object({ big: z.string()${big},`);
  write('open.ts', `setInterval(() => {}, 1000);\n${open}`);
  const [graph, ...others] = await fewAtATime(
    [
      'graph open.ts --format json',
      'validate open.ts',
      'run open.ts --state a',
      'run open.ts --state b --inline',
      'run open.ts --state c --explain',
      'run open.ts --state d --set lines=0',
    ],
    (command) => squall(command.split(' ')),
  );
  expect(graph!.code).toBe(0);
  expect(JSON.parse(graph!.stdout).parameters.big).toHaveLength(2_000_000);
  expect(others.map(({ code }) => code)).toEqual([0, 0, 0, 0, 2]);
});

test('what a topology prints does not mix with what validate, graph and describe print for programs', async () => {
  const { squall, write } = place();
  write('noisy.ts', HELLO.replace('export default', "console.log('loaded');\nexport default"));
  const ended = await fewAtATime(
    ['validate --json', 'graph --format json', 'graph --format dot', 'describe --json'],
    (command) => squall([...command.split(' '), 'noisy.ts']),
  );
  for (const { code, stdout, stderr } of ended) {
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'loaded\n' });
    expect(stdout).not.toContain('loaded');
  }
});

test('--explain tells where tasks are placed and runs nothing', async () => {
  const { squall, dir } = place();
  const { code, stdout, stderr } = await squall([
    'run',
    'canonicalize',
    '--explain',
    '--workers',
    '3',
  ]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^3 workers$/m);
  expect(stdout).toContain('spout lines x3: one in each worker');
  expect(stdout).toContain(
    'route.counted -> perCountry (by country_code): cut, rows travel between workers',
  );
  expect(readdirSync(dir)).toEqual([]);
});

test('lines come from standard input, and --inline takes one process for it', async () => {
  const here = place();
  const line = (second: number) =>
    `192.0.2.1 - - [10/Jan/2013:05:06:0${second} +0000] "GET / HTTP/1.1" 200 5 "-" "-"\n`;
  const args = ['run', 'canonicalize', '--set', 'input=-', '--set', 'format=apache-combined'];
  const runs = await Promise.all([
    here.json([...args, '--inline', '--set', 'out=a', '--state', 's'], {
      input: line(1) + line(2),
    }),
    here.json([...args, '--workers', '1', '--set', 'out=b', '--state', 't'], {
      input: line(1) + line(2),
    }),
  ]);
  expect(runs.map(({ code, summary: { workers, acked } }) => ({ code, workers, acked }))).toEqual([
    { code: 0, workers: 1, acked: 2 },
    { code: 0, workers: 1, acked: 2 },
  ]);
});

test('some dead letters make exit code 3, and each message is acked or one of them', async () => {
  const here = place();
  const good = '192.0.2.1 - - [10/Jan/2013:05:06:07 +0000] "GET / HTTP/1.1" 200 5\n';
  const input = here.write('access.log', good + 'nonsense\n' + good);
  const { code, stderr, summary } = await here.json([
    'run',
    'canonicalize',
    '--set',
    `input=${input}`,
    '--set',
    'format=apache-common',
    '--inline',
  ]);
  expect({
    code,
    emitted: summary.emitted,
    acked: summary.acked,
    deadLetters: summary.deadLetters,
  }).toEqual({ code: 3, emitted: 3, acked: 2, deadLetters: 1 });
  expect(summary.outcome).toBe('completed');
  expect(stderr).toMatch(
    /Dead letters are kept, encrypted, in \.squall\/canonicalize\/dead-letters\. Reasons: rejected\(parse, .*\) 1×\./,
  );
});

/** Mistakes in the words of the command: what is said about each. */
const MISTAKES: [args: string, says: RegExp][] = [
  ['frobnicate', /unknown command 'frobnicate'/],
  ['run', /missing required argument 'topology'/],
  [
    'run canonicalise',
    /No topology of the catalogue is named "canonicalise"\. Did you mean "canonicalize"\?.* give its path, e\.g\. \.\/canonicalise\.ts/,
  ],
  ['describe weather', /named "weather"\. There are: canonicalize, kafka-to-avro, /],
  [
    'run canonicalize --lines 5',
    /unknown option '--lines'\n.*a parameter of a topology is given as --set name=value/s,
  ],
  [
    'run canonicalize --set geo=nowhere.mmdb',
    /^Topology "canonicalize": The geo database nowhere\.mmdb cannot be used: ENOENT/,
  ],
  ['run canonicalize --wrokers 2', /unknown option '--wrokers'\n\(Did you mean --workers\?\)/],
  [
    'run canonicalize --workers two',
    /'--workers <number>' argument 'two' is invalid\. Give a whole number from 1 to 64\./,
  ],
  ['run canonicalize --message-timeout 5x', /"5x" is not a duration: .*"10s"/],
  ['graph canonicalize --format svg', /Allowed choices are text, mermaid, dot, json\./],
  [
    'run canonicalize --set inptu=access.log',
    /There is no parameter "inptu"\. Did you mean "input"\?/,
  ],
  ['run canonicalize --set __proto__=1', /There is no parameter "__proto__"\./],
  [
    'validate canonicalize --set lines=many',
    /Parameter "lines" takes a whole number, not "many"\./,
  ],
  ['run canonicalize --set lines=-5', /Parameter "lines": .*>0/],
  ['run canonicalize --set follow=yes', /Parameter "follow" takes true or false, not "yes"\./],
  ['run canonicalize --set lines', /--set takes name=value, not "lines"\./],
  [
    'run canonicalize --set format=apache',
    /Topology "canonicalize": parse: there is no format "apache"\. Did you mean "apache-combined"\?/,
  ],
  [
    'run canonicalize --set format=%J',
    /Topology "canonicalize": parse: in the format, at character 1, "%J" /,
  ],
];

test('mistakes are refused with exit code 2, and it is said what is meant', async () => {
  const { squall } = place();
  const refused = await fewAtATime(MISTAKES, ([args]) => squall(args.split(' ')));
  for (const [i, [args, says]] of MISTAKES.entries()) {
    const { code, stdout, stderr } = refused[i]!;
    expect(stderr).toMatch(says);
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
  }
});

const filesIn = ({ path }: Place, folder: string): string[] =>
  readdirSync(path(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort();
