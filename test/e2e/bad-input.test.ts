/** Input that is not what it should be: each case is said clearly, and nothing is lost. */
import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, jest, test } from '@jest/globals';
import type { DeadLetter } from '../../runtime/state/dead-letter.js';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { fewAtATime, lesserUser, MAIN, place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { avroRecords } from '../support/outputs.js';
import { HELLO } from './topologies.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const lesser = lesserUser();
const testAsLesser = lesser === undefined ? test.skip : test;

const line = (path: string): string =>
  `10.9.8.7 - - [10/Jan/2013:05:06:07 +0000] "GET ${path} HTTP/1.1" 200 5`;
const canonicalize = (input: string, ...more: string[]): string[] => [
  ...['run', 'canonicalize', '--set', `input=${input}`, '--set', 'format=apache-common'],
  ...['--inline', ...more],
];

testAsLesser(
  'a file that is missing, a folder, a glob without a file, or unreadable is refused at the start',
  async () => {
    const { squall, write, path } = place();
    mkdirSync(path('logs'));
    const secret = write('secret.log', line('/'));
    chmodSync(secret, 0o000);
    const CASES: [input: string, says: RegExp][] = [
      ['nowhere.log', /^lines: nowhere\.log: no such file\. Relative paths begin at \//],
      ['logs', /^lines: \/.*\/logs is a folder\. Give a glob: \/.*\/logs\/\*$/m],
      ['l*/*.log', /^lines: l\*\/\*\.log: no file matches\. /],
      [
        'secret.log',
        /^lines: \/.*\/secret\.log: cannot be read \(EACCES\)\. Let this user read the file and the folders above it\.$/m,
      ],
    ];
    const ended = await fewAtATime(CASES, ([input]) =>
      squall(canonicalize(input, '--state', `${input}.state`), lesser),
    );
    for (const [i, [input, says]] of CASES.entries()) {
      const { code, stdout, stderr } = ended[i]!;
      expect(stderr).toMatch(says);
      expect({ input, code, stdout }).toEqual({ input, code: 2, stdout: '' });
    }
  },
);

test('a folder as standard input is refused at the start', () => {
  const { dir } = place();
  const folder = openSync(dir, 'r');
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...canonicalize('-')], {
    cwd: dir,
    stdio: [folder, 'pipe', 'pipe'],
    encoding: 'utf8',
  });
  closeSync(folder);
  expect(stderr).toMatch(
    /^lines: path '-' is standard input, and that is a folder\. Give a file or a pipe there\.$/m,
  );
  expect(status).toBe(2);
});

test('an empty file is a run without messages', async () => {
  const { json, write } = place();
  const { code, summary } = await json(canonicalize(write('empty.log', '')));
  expect({ code, ...summary }).toMatchObject({
    code: 0,
    outcome: 'completed',
    emitted: 0,
    acked: 0,
    outputs: [],
  });
});

test('bad lines become dead letters with their bytes unchanged, and the good ones around them are stored', async () => {
  const here = place();
  const bad: [bytes: Buffer, reason: string][] = [
    [Buffer.from(line('/nul\0')), 'NUL byte'],
    [Buffer.from(line('/latin-\xe9'), 'latin1'), 'invalid UTF-8'],
    [Buffer.alloc(10 * 1024 * 1024, 'long '), 'line too long'],
    [Buffer.from('nonsense'), 'does not fit the format'],
    [Buffer.from(line('/').replace('10.9.8.7', 'unknown')), 'ip: not an address'],
    [Buffer.from(line('/').replace('[10', '[40')), 'dt: not a time'],
    [Buffer.from(line('/').replace('10.9.8.7', '-')), 'ip: missing'],
    [Buffer.from(''), 'empty line'],
  ];
  const good = (path: string): Buffer => Buffer.from(`${line(path)}\n`);
  const input = Buffer.concat([
    Buffer.from(`${line('/crlf')}\r\n`),
    ...bad.flatMap(([bytes]) => [good('/before'), bytes, Buffer.from('\n')]),
    Buffer.from(line('/without-newline')),
  ]);
  const { code, summary } = await here.json(
    canonicalize(here.write('bad.log', input), '--state', 'state'),
  );

  expect({ code, ...summary }).toMatchObject({ code: 3, emitted: 18, acked: 10, deadLetters: 8 });
  const stored = await avroRecords(summary.outputs);
  expect(stored.map(({ uri_path }) => uri_path)).toEqual([
    '/crlf',
    ...bad.map(() => '/before'),
    '/without-newline',
  ]);
  const letters = await deadLettersOf(here.path('state'));
  let offset = line('/crlf').length + 2;
  for (const [i, [bytes, reason]] of bad.entries()) {
    offset += good('/before').length;
    const { raw, ...letter } = letters[i]!;
    expect(letter).toMatchObject({
      reason: { kind: 'rejected', reason: expect.stringContaining(reason) },
      origin: { file: here.path('bad.log'), offset },
      attempts: 1,
      spout: 'lines',
    });
    // Of a line too long the first mebibyte.
    expect(bytes.subarray(0, 1024 * 1024).equals(raw)).toBe(true);
    offset += bytes.length + 1;
  }
});

test('lines that end in CRLF become what those that end in LF become', async () => {
  const here = place();
  const lines = ['/a', '/b?c', '/d'].map(line);
  const [unix, windows] = await Promise.all([
    here.json(
      canonicalize(here.write('lf.log', lines.join('\n')), '--state', 'lf', '--set', 'out=unix'),
    ),
    here.json(
      canonicalize(
        here.write('crlf.log', lines.join('\r\n')),
        '--state',
        'crlf',
        '--set',
        'out=windows',
      ),
    ),
  ]);
  expect([unix.code, windows.code]).toEqual([0, 0]);
  const bare = async (outputs: readonly string[]) =>
    (await avroRecords(outputs)).map(({ id: _, ...rest }) => rest);
  const expected = await bare(unix.summary.outputs);
  expect(expected).toHaveLength(3);
  expect(await bare(windows.summary.outputs)).toEqual(expected);
});

test('of a gzip file that is cut short all lines are read that are there, and the cut is a dead letter', async () => {
  const here = place();
  const lines = Array.from(
    { length: 2000 },
    (_, i) => `${line(`/${Math.imul(i, 0x9e3779b1) >>> 0}`)}\n`,
  );
  const whole = gzipSync(lines.join(''));
  const cut = here.write('cut.log.gz', whole.subarray(0, whole.length / 2));
  const { code, stderr, summary } = await here.json(canonicalize(cut, '--state', 'state'));
  expect(code).toBe(3);
  expect(summary.deadLetters).toBe(1);
  expect(summary.acked).toBeGreaterThan(500);
  expect(summary.emitted).toBe(summary.acked + 1);
  const [letter] = await deadLettersOf(here.path('state'));
  expect(letter!.reason).toMatchObject({
    kind: 'rejected',
    component: 'lines',
    reason: 'gzip cut short',
  });
  expect(stderr).toContain('Reasons: rejected(lines, gzip cut short) 1×.');
});

test('when every line is a dead letter it is said while the run goes on, with the reason and a guess', async () => {
  const here = place();
  const input = here.write('other.log', `${line('/')}\n`.repeat(1500));
  const wrong = canonicalize(input, '--set', 'format=varnishkafka-json');
  const running = here.start([...wrong, '--set', 'follow=true', '--json']);
  await running.until(() => running.stderr().includes('Is this the right format'));
  running.signal('SIGTERM');
  const { code, stderr } = await running.ended;
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /^every message so far became a dead letter: rejected\(parse, .*\) 1,\d{3}×\. Is this the right format for the input\? If not, mend it/m,
  );
  const short = await here.json([...wrong, '--state', 'short']);
  expect(short.summary.deadLetters).toBe(1500);
  expect(short.stderr).toMatch(
    /^every message so far .* 1,500×\. Is this the right format for the input\? If not, mend it/m,
  );
});

const MISTAKES: [name: string, source: string | Uint8Array, says: RegExp][] = [
  [
    'syntax.ts',
    'const a = 1;\nconst b = = 2;\n',
    /^\/.*\/syntax\.ts:2:11: Unexpected "="\n {2}2 \| const b = = 2;\n {4}\| {11}\^$/m,
  ],
  [
    'types.ts',
    HELLO.replace('from: requests.', 'from: request.'),
    /types\.ts has type errors\.\n\n\/.*\/types\.ts:\d+:\d+: Cannot find name 'request'\. Did you mean 'requests'\?\n.*\n +\| +\^$/m,
  ],
  [
    'imports.ts',
    "import { topologie } from 'squall';\nexport default topologie;\n",
    /imports\.ts:1:10: .*no exported member named 'topologie'\. Did you mean 'topology'\?/,
  ],
  [
    'missing.ts',
    "import './not-there.js';\n",
    /missing\.ts:1:8: Could not resolve "\.\/not-there\.js"/,
  ],
  ['empty.ts', '', /has no default export\. Export the topology as default, e\.g\./],
  [
    'throws.ts',
    "throw new Error('no database configured');",
    /threw while it was loaded: no database configured/,
  ],
  [
    'stuck.ts',
    `await new Promise(() => {});\n${HELLO}`,
    /^The topology file cannot be loaded: its top-level await never ends\./m,
  ],
  [
    'exits.ts',
    `process.exit(0);\n${HELLO}`,
    /^The topology ended this process while it was loaded: process\.exit was called/m,
  ],
  [
    'wires-and-exits.ts',
    HELLO.replace("t.sink('print'", "process.exit(0);\n  t.sink('print'"),
    /^The topology ended this process while it was wired: process\.exit was called/m,
  ],
  [
    'throws-text.mjs',
    "export default { name: 'odd', wire() { throw 'x'; } };",
    /^Topology "odd": it threw 'x', no Error\.$/m,
  ],
  ['unread.ts', HELLO.replace(/t\.sink.*$/m, ''), /Topology "hello": .*parse\.requests/],
];

test('a topology file with a mistake is refused, and its place is shown', async () => {
  const { squall, write } = place();
  const ended = await fewAtATime(MISTAKES, ([name, source]) =>
    squall(['run', write(name, source)]),
  );
  for (const [i, [name, , says]] of MISTAKES.entries()) {
    const { code, stdout, stderr } = ended[i]!;
    expect(stderr).toMatch(says);
    expect({ name, code, stdout }).toEqual({ name, code: 2, stdout: '' });
  }
});

testAsLesser('a topology file that cannot be read, or is none, is refused', async () => {
  const { squall, write } = place();
  chmodSync(write('secret.ts', HELLO), 0o000);
  write('notes.txt', 'hello');
  const [secret, missing, notes] = await Promise.all([
    squall(['run', './secret.ts'], lesser),
    squall(['validate', './nowhere.ts']),
    squall(['validate', './notes.txt']),
  ]);
  expect([secret!.code, missing!.code, notes!.code]).toEqual([2, 2, 2]);
  expect(secret!.stderr).toMatch(/^There is no file \/.*\/secret\.ts, or it cannot be read\.$/m);
  expect(missing!.stderr).toMatch(/^There is no file \/.*\/nowhere\.ts, or it cannot be read\.$/m);
  expect(notes!.stderr).toBe(
    './notes.txt is no topology file: its name must end in .ts, .mts, .js, .mjs.\n',
  );
});

async function deadLettersOf(state: string): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const letter of readDeadLetters(state)) letters.push(letter);
  return letters;
}
