/** Plants personal values everywhere in the input and looks for them everywhere else. */
import { readdirSync } from 'node:fs';
import { expect, jest, test } from '@jest/globals';
import { readCommits } from '../../runtime/state/commits.js';
import { readDeadLetters } from '../../runtime/state/read-letters.js';
import { SPELLINGS, tracesBelow, tracesIn } from '../support/canary.js';
import { fewAtATime, place, TEST_TIMEOUT_MS } from '../support/cli.js';
import { avroRecords } from '../support/outputs.js';

jest.setTimeout(TEST_TIMEOUT_MS);

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';

/** A format as a line with a value for each of its fields. */
interface Planted {
  readonly format: string;
  readonly fields: readonly string[];
  line(fields: readonly string[]): string;
}

const UDP2LOG = [
  ...['cp1.example', '12', '2013-01-10T05:06:07.123', '0.1', '10.9.8.7', 'hit/200', '3655', 'GET'],
  ...[
    'http://a.example/b?q=c',
    '-',
    'text/html',
    'http://r.example/',
    '10.1.1.1',
    AGENT,
    'en',
    'x=1',
  ],
];
const COMMON = [
  '10.9.8.7',
  '-',
  '-',
  '10/Jan/2013:05:06:07 +0000',
  'GET',
  '/a?q=b',
  'HTTP/1.1',
  '200',
  '36',
];
const common = ([ip, ident, user, time, method, url, protocol, status, bytes]: readonly string[]) =>
  `${ip} ${ident} ${user} [${time}] "${method} ${url} ${protocol}" ${status} ${bytes}`;
const combined = (fields: readonly string[]) => `${common(fields)} "${fields[9]}" "${fields[10]}"`;
const COMBINED = [...COMMON, 'http://r.example/', AGENT];
const KAFKA = {
  hostname: 'cp1.example',
  sequence: '12',
  dt: '2013-01-10T05:06:07.123',
  time_firstbyte: '0.1',
  ip: '10.9.8.7',
  cache_status: 'hit',
  http_status: '200',
  response_size: '3655',
  http_method: 'GET',
  uri_host: 'a.example',
  uri_path: '/b',
  uri_query: '?q=c',
  content_type: 'text/html',
  referer: 'http://r.example/',
  x_forwarded_for: '10.1.1.1',
  user_agent: AGENT,
  accept_language: 'en',
  x_analytics: 'x=1',
};
const OWN =
  '%{%FT%T}t.%{usec_frac}t|%{@}a|%h|%{X-Forwarded-For}i|%m|%{Host}i|%U|%q|%s|%B|%{Cookie}i|%{Referer}i|%{User-agent}i|%{Accept-Language}i|%{Content-Type}o|%l';
const JSON_FORMAT =
  '{"t":"%t","ip":"%h","m":"%m","host":"%{Host}i","path":"%U","query":"%q","status":%s,"ref":"%{Referer}i","ua":"%{User-agent}i","ct":"%{Content-Type}o"}';

const FORMATS: readonly Planted[] = [
  { format: 'udp2log', fields: UDP2LOG, line: (fields) => fields.join('\t') },
  {
    format: 'udp2log',
    fields: UDP2LOG.map((field) => field.replaceAll(' ', '%20')),
    line: (fields) => fields.slice(0, 14).join(' '),
  },
  { format: 'apache-common', fields: COMMON, line: common },
  { format: 'apache-combined', fields: COMBINED, line: combined },
  { format: 'varnishncsa', fields: COMBINED, line: combined },
  {
    format: 'varnishkafka-json',
    fields: Object.values(KAFKA),
    line: (fields) =>
      JSON.stringify(Object.fromEntries(Object.keys(KAFKA).map((key, i) => [key, fields[i]]))),
  },
  {
    format: OWN,
    fields: [
      '2013-01-10T05:06:07.123456',
      '10.9.8.6',
      '10.9.8.7',
      '10.1.1.1',
      'GET',
      'a.example',
      '/b',
      '?q=c',
      '200',
      '36',
      'k=v',
      'http://r.example/',
      AGENT,
      'en',
      'text/html',
      'cp1',
    ],
    line: (fields) => fields.join('|'),
  },
  {
    format: JSON_FORMAT,
    fields: [
      '[10/Jan/2013:05:06:07 +0000]',
      '10.9.8.7',
      'GET',
      'a.example',
      '/b',
      '?q=c',
      '200',
      'http://r.example/',
      AGENT,
      'text/html',
    ],
    line: (fields) =>
      JSON.stringify(
        Object.fromEntries(
          ['t', 'ip', 'm', 'host', 'path', 'query', 'status', 'ref', 'ua', 'ct'].map((key, i) => [
            key,
            fields[i],
          ]),
        ),
      ),
  },
];

/** The places in a field where a client can put a value. */
const around = (field: string, value: string): string[] => [
  value,
  `${field}${value}`,
  `${field} ${value}`,
  `/a/${value}/b`,
  `/a${value}b?q=${value}&${value}=q;q=x${value}y&z=${value}#${value}`,
  `http://${value}/a`,
  `http://user:${value}@a.example/${value}?q=${value}`,
  `x${value}9`,
  `(${value})`,
  `\\xff${value}`,
];

/** A line without a personal value, then each of them at each place of each field. */
const linesOf = ({ fields, line }: Planted): string[] => [
  line(fields),
  ...fields.flatMap((field, at) =>
    SPELLINGS.flatMap((value) =>
      around(field, value).map((planted) => line(fields.with(at, planted))),
    ),
  ),
];

test('of addresses and e-mail addresses in any field of any format nothing is left outside of the sealed dead letters', async () => {
  const here = place();
  const runs = await fewAtATime([...FORMATS.entries()], async ([i, planted]) => {
    const { format } = planted;
    const lines = linesOf(planted);
    const input = here.write(`${i}.log`, lines.join('\n'));
    const state = here.path(`${i}.state`);
    const ended = await here.json([
      ...['run', 'canonicalize', i === 0 ? '--workers=2' : '--inline'],
      ...['--set', `out=${i}.out`, '--state', state],
      ...['--set', `format=${format}`, '--set', 'query=q,z', '--set', `input=${input}`],
    ]);
    return { ...ended, format, input, state, lines: lines.length };
  });
  for (const { format, code, stdout, stderr, summary, lines } of runs) {
    const { emitted } = summary;
    expect({ format, code, emitted }).toEqual({ format, code: 3, emitted: lines });
    expect(tracesIn(Buffer.from(stdout + stderr))).toEqual([]);
    expect(summary.acked).toBeGreaterThan(lines / 4);
    const stored = await avroRecords(summary.outputs);
    expect(stored).toHaveLength(summary.acked);
    expect(stored.filter((record) => tracesIn(Buffer.from(JSON.stringify(record))).length)).toEqual(
      [],
    );
  }
  const inputs = runs.map(({ input }) => input);
  expect(tracesBelow(here.dir, inputs)).toEqual([]);
  // Nor is it only that nothing would be found.
  expect(tracesBelow(here.dir).length).toBeGreaterThan(100);
  expect(tracesIn(await rawLetters(runs[0]!.state))).toContain('v4 in clear');
});

test('nor is it in the state and the unfinished files of a run that is killed', async () => {
  const here = place();
  const lines = linesOf(FORMATS[0]!);
  const input = here.write('access.log', lines.map((line) => `${line}\n`).join(''));
  const running = here.start([
    ...['run', 'canonicalize', '--set', `input=${input}`, '--set', 'follow=true'],
    ...['--workers', '2', '--state', 'state', '--json'],
  ]);
  await running.until(async () => {
    const { acked, deadLetters } = (await readCommits(here.path('state'), 'lines')).counters;
    return acked + deadLetters === lines.length;
  });
  running.kill();
  const { stdout, stderr } = await running.ended;
  const files = readdirSync(here.dir, { recursive: true }).join('\n');
  for (const kept of ['state/commits/', 'state/tasks/', 'state/dead-letters/', '.avro']) {
    expect(files).toContain(kept);
  }
  expect(tracesIn(Buffer.from(stdout + stderr))).toEqual([]);
  expect(tracesBelow(here.dir, [input])).toEqual([]);
});

async function rawLetters(state: string): Promise<Buffer> {
  const letters: Uint8Array[] = [];
  for await (const { raw } of readDeadLetters(state)) letters.push(raw);
  return Buffer.concat(letters);
}
